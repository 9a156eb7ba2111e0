"""Calls every tool of a server that was made of a document, while Prism, with the same document, judges the requests.

main.py DOCUMENT SERVER VARIABLE LOCK    the server is told the URL of its API in VARIABLE_URL, and LOCK has all its tools

Prints the tools with a call that fails, with its arguments, and how many tools have none. Ends with 1 if there are some.
"""

import json
import pathlib
import sys
import tempfile
import urllib.error
import urllib.request

from drawing import drawn
from running import running
from sign_in import token

CALLS = 3
KEY = "a-user:a-key"
SHOWN = 400


class Server:
    """The server from the view of an assistant."""

    def __init__(self, origin: str) -> None:
        self._url = f"{origin}/mcp"
        self._headers = {
            "Authorization": f"Bearer {token(origin, KEY)}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "MCP-Protocol-Version": "2025-11-25",
        }
        self._listed = {tool["name"]: tool for tool in self._ask("tools/list", {})["tools"]}

    def _ask(self, method: str, params: dict) -> dict:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self._url, body, self._headers)) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{error.code}: {error.read().decode()}") from error
        if "error" in said:
            raise RuntimeError(json.dumps(said["error"]))
        return said["result"]

    def schema(self, name: str) -> dict:
        """The input schema of a tool, which has to be found if it is not listed."""
        if name in self._listed:
            return self._listed[name]["inputSchema"]
        found = self._ask("tools/call", {"name": "find_tools", "arguments": {"query": name}})["structuredContent"]["tools"]
        return next(tool["inputSchema"] for tool in found if tool["name"] == name)

    def call(self, name: str, is_read: bool, arguments: dict) -> dict:
        if name in self._listed:
            return self._ask("tools/call", {"name": name, "arguments": arguments})
        runner = "run_read_tool" if is_read else "run_write_tool"
        return self._ask("tools/call", {"name": runner, "arguments": {"tool": name, "arguments": arguments}})


def failure(server: Server, tool: dict) -> str | None:
    """The first call of the tool that fails, and why."""
    name, is_read, arguments = tool["name"], tool["effect"] == "read", None
    try:
        for arguments in drawn(server.schema(name), CALLS):
            result = server.call(name, is_read, arguments)
            confirmation = result.get("structuredContent", {}).get("confirmation")
            if not is_read and confirmation:
                result = server.call(name, is_read, {**arguments, "confirmation": confirmation})
            if result.get("isError"):
                raise RuntimeError(" ".join(part.get("text", "") for part in result["content"]))
    except Exception as error:
        # whatever is wrong with one tool, the others are called
        text = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
        return f"{name} {json.dumps(arguments, ensure_ascii=False)[:SHOWN]} -> {' '.join(text.split())[:SHOWN]}"
    return None


def main(document: str, program: str, variable: str, lock: str) -> int:
    tools = json.loads(pathlib.Path(lock).read_text())["tools"]
    mock = ["prism", "mock", "--errors", "--host", "127.0.0.1", "--port", "0", document]
    with tempfile.TemporaryDirectory() as folder, running(mock, r"listening on (http://\S+)") as api:
        settings = {f"{variable}_URL": api, f"{variable}_LISTEN": "127.0.0.1:0", f"{variable}_DATA": folder}
        with running([program], r"(http://\S+)/mcp", **settings) as origin:
            server = Server(origin)
            failures = [found for tool in tools if (found := failure(server, tool))]
    for found in failures:
        print(f"  {found}")
    print(f"{pathlib.Path(document).name}: {len(tools) - len(failures)} of {len(tools)} tools accepted")
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
