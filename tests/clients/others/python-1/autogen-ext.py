"""AutoGen: `autogen-ext`."""

from autogen_core import CancellationToken
from autogen_ext.tools.mcp import StreamableHttpServerParams, mcp_server_tools

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, run


async def main() -> dict:
    tools = {tool.name: tool for tool in await mcp_server_tools(StreamableHttpServerParams(url=GIVEN["open"]))}
    app(await tools[TOOL].run_json(ARGUMENTS, CancellationToken()))
    every = await mcp_server_tools(StreamableHttpServerParams(url=GIVEN["all"]))
    count = await compare({tool.name: tool.schema["parameters"] for tool in every})
    return {
        "client": "AutoGen", "package": "autogen-ext", "tools": len(tools), "call": "yes", "sign_in": "",
        "notes": f"converts all {count} tools without loss",
    }


run(main)
