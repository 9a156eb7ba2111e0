"""google-genai 2, which makes tools for Gemini of a session of the Python SDK 1."""

from google.genai._mcp_utils import mcp_to_gemini_tools
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, gemini, provider, run


async def main() -> dict:
    counts = {}
    for name in ("open", "signIn", "all"):
        auth = provider("google-genai") if name == "signIn" else None
        async with streamablehttp_client(GIVEN[name], auth=auth) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            counts[name] = len(tools)
            app(await session.call_tool(TOOL, ARGUMENTS))
    declared = [each for tool in mcp_to_gemini_tools(tools) for each in tool.function_declarations]
    count = await compare({each.name: gemini(each.parameters) for each in declared})
    return {
        "client": "google-genai 2", "package": "google-genai", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": f"over the Python SDK 1; converts all {count} tools without loss",
    }


run(main)
