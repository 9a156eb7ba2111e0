"""LangChain: `langchain-mcp-adapters`, and the converter of `langchain-google-genai`."""

from datetime import timedelta

from langchain_google_genai._function_utils import convert_to_genai_function_declarations
from langchain_mcp_adapters.client import MultiServerMCPClient

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, gemini, provider, run


def becomes_text(schema: dict) -> bool:
    """An object without named members: the converter makes text of it, which the server takes as JSON."""
    return schema.get("type") == "object" and not schema.get("properties")


def always_changed(tool: dict, part: tuple) -> bool:
    path, what, _ = part
    schema = tool["inputSchema"]
    for name in path.split(".")[1:]:
        schema = schema.get("properties", {}).get(name, {})
    return what == "type" and becomes_text(schema)


async def main() -> dict:
    def connection(url: str, **more) -> dict:
        return {"transport": "http", "url": url, "timeout": timedelta(seconds=30), **more}

    client = MultiServerMCPClient({
        "torii": connection(GIVEN["open"]),
        "all": connection(GIVEN["all"]),
        "sign-in": connection(GIVEN["signIn"], auth=provider("LangChain")),
    })
    tools = {name: {tool.name: tool for tool in await client.get_tools(server_name=name)} for name in ("torii", "all", "sign-in")}
    for name in ("torii", "sign-in"):
        app(await tools[name][TOOL].ainvoke(ARGUMENTS))
    declared = [
        declaration
        for converted in convert_to_genai_function_declarations(list(tools["all"].values()))
        for declaration in converted.function_declarations
    ]
    converted = {each.name: each.parameters_json_schema or gemini(each.parameters) for each in declared}
    count = await compare(converted, always_changed)
    return {
        "client": "LangChain (Python)", "package": "langchain-mcp-adapters", "tools": len(tools["torii"]), "call": "yes", "sign_in": "yes",
        "notes": f"signs in with the provider of the Python SDK; `langchain-google-genai` converts all {count} tools, "
        "objects without named members as text, which the server takes as JSON",
    }


run(main)
