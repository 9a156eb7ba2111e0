"""Pydantic AI: `MCPToolset`, which signs in with FastMCP's way through OAuth."""

from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.test import TestModel
from pydantic_ai.tools import RunContext
from pydantic_ai.usage import RunUsage

from shared import ARGUMENTS, GIVEN, TOOL, app, follow_in_background, run


async def main() -> dict:
    context = RunContext(deps=None, model=TestModel(), usage=RunUsage())
    counts = {}
    for name in ("open", "signIn"):
        with follow_in_background():
            async with MCPToolset(GIVEN[name], auth="oauth" if name == "signIn" else None) as toolset:
                tools = await toolset.get_tools(context)
                counts[name] = len(tools)
                app(await toolset.call_tool(TOOL, ARGUMENTS, context, tools[TOOL]))
    return {
        "client": "Pydantic AI", "package": "pydantic-ai-slim", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": "signs in with `auth='oauth'`",
    }


run(main)
