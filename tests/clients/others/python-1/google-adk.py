"""Google ADK: `McpToolset`, and its own conversion for Gemini."""

from typing import Any

from google.adk.tools.mcp_tool import McpToolset
from google.adk.tools.mcp_tool.mcp_session_manager import StreamableHTTPConnectionParams
from mcp.shared._httpx_utils import create_mcp_http_client

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, gemini, provider, run


async def main() -> dict:
    def toolset(url: str, auth: Any = None) -> McpToolset:
        def http(headers: Any = None, timeout: Any = None, **_: Any) -> Any:
            return create_mcp_http_client(headers=headers, timeout=timeout, auth=auth)

        return McpToolset(connection_params=StreamableHTTPConnectionParams(url=url, timeout=30, httpx_client_factory=http))

    for address, auth in ((GIVEN["signIn"], provider("Google ADK")), (GIVEN["open"], None)):
        tools = {tool.name: tool for tool in await toolset(address, auth).get_tools()}
        app(await tools[TOOL]._run_async_impl(args=ARGUMENTS, tool_context=None, credential=None))
    converted = {}
    for tool in await toolset(GIVEN["all"]).get_tools():
        declaration = tool._get_declaration()
        converted[declaration.name] = declaration.parameters_json_schema or gemini(declaration.parameters)
    count = await compare(converted)
    return {
        "client": "Google ADK", "package": "google-adk", "tools": len(tools), "call": "yes", "sign_in": "yes",
        "notes": f"signs in with the provider of the Python SDK; converts all {count} tools without loss",
    }


run(main)
