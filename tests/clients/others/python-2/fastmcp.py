"""FastMCP's client: its own way through OAuth opens a browser, and its command lists and calls."""

import json
import os
import sys
from pathlib import Path

import anyio
from fastmcp import Client
from fastmcp.client.auth import OAuth

from shared import ARGUMENTS, GIVEN, TOOL, app, follow_in_background, run


async def main() -> dict:
    counts = {}
    for name in ("open", "signIn"):
        auth = OAuth(GIVEN["signIn"]) if name == "signIn" else None
        with follow_in_background():
            async with Client(GIVEN[name], auth=auth) as client:
                counts[name] = len(await client.list_tools())
                app((await client.call_tool(TOOL, ARGUMENTS)).content)
    command = Path(sys.executable).with_name("fastmcp")
    for arguments in (["list", GIVEN["open"], "--json"], ["call", GIVEN["open"], TOOL, "--input-json", json.dumps(ARGUMENTS)]):
        ran = await anyio.run_process([command, *arguments], env={**os.environ, "FASTMCP_CHECK_FOR_UPDATES": "off"})
    app(ran.stdout.decode())
    return {
        "client": "FastMCP", "package": "fastmcp", "tools": counts["open"], "call": "yes", "sign_in": "yes",
        "notes": "also `fastmcp list` and `fastmcp call`",
    }


run(main)
