"""Google ADK: `McpToolset`, and its own conversion for Gemini."""

from google.adk.tools.mcp_tool import McpToolset
from google.adk.tools.mcp_tool.mcp_session_manager import StreamableHTTPConnectionParams

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, gemini, run


async def main() -> dict:
    def toolset(url: str) -> McpToolset:
        return McpToolset(connection_params=StreamableHTTPConnectionParams(url=url))

    tools = {tool.name: tool for tool in await toolset(GIVEN["open"]).get_tools()}
    app(await tools[TOOL]._run_async_impl(args=ARGUMENTS, tool_context=None, credential=None))
    converted = {}
    for tool in await toolset(GIVEN["all"]).get_tools():
        declaration = tool._get_declaration()
        converted[declaration.name] = declaration.parameters_json_schema or gemini(declaration.parameters)
    count = await compare(converted)
    return {
        "client": "Google ADK", "package": "google-adk", "tools": len(tools), "call": "yes", "sign_in": "",
        "notes": f"converts all {count} tools without loss",
    }


run(main)
