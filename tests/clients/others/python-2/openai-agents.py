"""OpenAI Agents, in strict mode where a tool allows it."""

from agents.mcp import MCPServerStreamableHttp, MCPUtil

from shared import ARGUMENTS, GIVEN, TOOL, app, compare, provider, run


async def main() -> dict:
    counts = {}
    for name in ("open", "signIn", "all"):
        params = {"url": GIVEN[name], **({"auth": provider("OpenAI Agents")} if name == "signIn" else {})}
        async with MCPServerStreamableHttp(params=params) as server:
            tools = await server.list_tools()
            counts[name] = len(tools)
            app(await server.call_tool(TOOL, ARGUMENTS))
            functions = [MCPUtil.to_function_tool(tool, server, True) for tool in tools]
    await compare({each.name: each.params_json_schema for each in functions})
    lenient = sorted(f"`{each.name}`" for each in functions if not each.strict_json_schema)
    return {
        "client": "OpenAI Agents", "package": "openai-agents", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": f"signs in with the provider of the Python SDK; {len(functions) - len(lenient)} of {len(functions)} tools in strict mode, without "
        f"loss; not strict: {', '.join(lenient)}",
    }


run(main)
