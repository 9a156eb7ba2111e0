"""google-genai 2, which makes tools for Gemini of a session of the Python SDK 1."""

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from shared import ARGUMENTS, GIVEN, TOOL, app, converted_for_gemini, provider, run


async def main() -> dict:
    counts = {}
    for name in ("open", "signIn", "all"):
        auth = provider("google-genai") if name == "signIn" else None
        async with streamablehttp_client(GIVEN[name], auth=auth) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            counts[name] = len(tools)
            app(await session.call_tool(TOOL, ARGUMENTS))
    count = await converted_for_gemini(tools)
    return {
        "client": "google-genai 2", "package": "google-genai", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": f"over the Python SDK 1; converts all {count} tools without loss",
    }


run(main)
