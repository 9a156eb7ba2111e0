"""AutoGen: `autogen-ext`."""

from autogen_core import CancellationToken
from autogen_ext.tools.mcp import StreamableHttpServerParams, mcp_server_tools

from shared import ARGUMENTS, GIVEN, TOOL, app, bearer_token, compare, run


def always_changed(tool: dict, part: tuple) -> bool:
    """It gives an object in a union no named members, and a list of choices no choices: what they hold is not checked then."""
    path, what, _ = part
    names = path.replace("[]", "").split(".")[1:]
    argument = tool["inputSchema"]["properties"].get(names[0], {}) if names else {}
    is_in_union = any(choice.get("type") == "object" for choice in argument.get("anyOf", []))
    return is_in_union and (what != "type" or len(names) > 1) or (what == "enum" and path.endswith("[]"))


async def main() -> dict:
    token = await bearer_token()
    signed_in = StreamableHttpServerParams(url=GIVEN["signIn"], headers={"Authorization": f"Bearer {token}"})
    app(await {tool.name: tool for tool in await mcp_server_tools(signed_in)}[TOOL].run_json(ARGUMENTS, CancellationToken()))
    tools = {tool.name: tool for tool in await mcp_server_tools(StreamableHttpServerParams(url=GIVEN["open"]))}
    app(await tools[TOOL].run_json(ARGUMENTS, CancellationToken()))
    # a list of numbers in a filter, which it once took for texts
    filters = [{"key": "activeUsersCount", "op": "anyOf", "value": [1254, 1]}]
    app(str(await tools["list_apps"].run_json({"filters": filters, "fields": ["name", "primaryOwner"]}, CancellationToken())))
    every = await mcp_server_tools(StreamableHttpServerParams(url=GIVEN["all"]))
    count = await compare({tool.name: tool.schema["parameters"] for tool in every}, always_changed)
    return {
        "client": "AutoGen", "package": "autogen-ext", "tools": len(tools), "call": "yes", "sign_in": "no, takes a token",
        "notes": f"converts all {count} tools, without the members of objects in a union and without choices in lists",
    }


run(main)
