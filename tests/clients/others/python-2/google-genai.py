"""google-genai, which makes tools for Gemini of a session of the Python SDK."""

from mcp import Client
from mcp.client.streamable_http import streamable_http_client
import httpx2

from shared import ARGUMENTS, GIVEN, TOOL, app, converted_for_gemini, provider, run


async def main() -> dict:
    counts = {}
    for name in ("open", "signIn", "all"):
        auth = provider("google-genai") if name == "signIn" else None
        http = httpx2.AsyncClient(auth=auth, trust_env=False, timeout=30)
        async with Client(streamable_http_client(GIVEN[name], http_client=http)) as client:
            tools = (await client.list_tools()).tools
            counts[name] = len(tools)
            app((await client.call_tool(TOOL, ARGUMENTS)).content)
    count = await converted_for_gemini(tools)
    return {
        "client": "google-genai", "package": "google-genai", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": f"connects with the Python SDK; converts all {count} tools without loss",
    }


run(main)
