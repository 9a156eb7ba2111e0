"""Calls every tool of a server that was made of a document, while Prism, with the same document, judges the requests.

main.py DOCUMENT SERVER VARIABLE LOCK    the server is told the URL of its API in VARIABLE_URL, and LOCK has all its tools

Prints the tools with a call that fails, with its arguments, and how many tools have none. Ends with 1 if there are some.
"""

import http.client
import json
import pathlib
import re
import sys
import tempfile
import urllib.error
import urllib.request

from drawing import drawn
from running import Running
from sign_in import token

CALLS = 3
KEY = "a-user:a-key"
SHOWN = 400
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


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
        found = content(self._ask("tools/call", {"name": "find_tools", "arguments": {"query": name}}))["tools"]
        return next(tool["inputSchema"] for tool in found if tool["name"] == name)

    def call(self, name: str, is_read: bool, arguments: dict) -> dict:
        if name in self._listed:
            return self._ask("tools/call", {"name": name, "arguments": arguments})
        runner = "run_read_tool" if is_read else "run_write_tool"
        return self._ask("tools/call", {"name": runner, "arguments": {"tool": name, "arguments": arguments}})


def answerable(part: object) -> object:
    """The part of a document with what Prism needs to answer: it takes an example that is null for the answer."""
    if isinstance(part, list):
        return [answerable(item) for item in part]
    if isinstance(part, dict):
        return {key: answerable(value) for key, value in part.items() if (key, value) != ("example", None)}
    return part


def answering(document: str, tools: list[dict], folder: str) -> str:
    """A copy of a JSON document that Prism can answer from: it cannot start with some operations that are no tools, and it refuses
    every request of an operation without responses, valid or not."""
    path = pathlib.Path(document)
    if path.suffix != ".json":
        return document
    api = answerable(json.loads(path.read_text("utf-8-sig")))
    called = {(tool["path"], tool["method"].lower()) for tool in tools}
    for url, item in api["paths"].items():
        for method in METHODS & item.keys():
            if (url, method) in called:
                item[method]["responses"] = item[method].get("responses") or {"200": {"description": "Anything."}}
            else:
                del item[method]
    copy = pathlib.Path(folder) / path.name
    copy.write_text(json.dumps(api))
    return str(copy)


class Mock:
    """Prism, which is started again at the same port if a request ends it."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._options: list[str] = []
        self._prism = self._start("0")
        self.url = self._prism.found

    def _start(self, port: str) -> Running:
        command = ["prism", "mock", "--errors", *self._options, "--host", "127.0.0.1", "--port", port, self._document]
        return Running(command, r"listening on (http://\S+)")

    def __enter__(self) -> "Mock":
        return self

    def __exit__(self, *_: object) -> None:
        self._prism.stop()

    def restart(self, *options: str) -> None:
        self._prism.stop()
        self._options = list(options)
        self._prism = self._start(self.url.rpartition(":")[2])

    def revived(self) -> str | None:
        """What ended it, if something did."""
        error = None if self._answers() else self._prism.last_words()
        if error:
            self.restart(*self._options)
        return error

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url).close()
        except urllib.error.HTTPError:
            return True
        except (OSError, http.client.HTTPException):
            return False
        return True

    def violations(self) -> str:
        """What it said against the last requests."""
        found = (re.search(r"(?:Violation: |terminated with error: \S*#)(.*)", line) for line in self._prism.taken())
        return "; ".join(dict.fromkeys(said[1] for said in found if said))


def content(result: dict) -> dict:
    """The response in the text of a result."""
    return json.loads(result["content"][0]["text"])


def failure(server: Server, tool: dict) -> str | None:
    """The first call of the tool that fails, and why."""
    name, is_read, arguments = tool["name"], tool["effect"] == "read", None
    try:
        for arguments in drawn(tool, server.schema(name), CALLS):
            result = server.call(name, is_read, arguments)
            confirmation = None if is_read or result.get("isError") else content(result).get("confirmation")
            if confirmation:
                result = server.call(name, is_read, {**arguments, "confirmation": confirmation})
            if result.get("isError"):
                raise RuntimeError(" ".join(part.get("text", "") for part in result["content"]))
    except Exception as error:
        # whatever is wrong with one tool, the others are called
        text = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
        return f"{name} {json.dumps(arguments, ensure_ascii=False)[:SHOWN]} -> {' '.join(text.split())[:SHOWN]}"
    return None


def failures(server: Server, api: Mock, tools: list[dict]) -> dict[str, str]:
    """The tools with a call that fails, and why."""
    found = {}
    for tool in tools:
        why = failure(server, tool)
        ended = api.revived() if why else None
        said = api.violations()
        if why:
            said = f"ended: {ended}" if ended else f"said: {said[:SHOWN]}"
            found[tool["name"]] = f"{why} (Prism {said})"
    return found


def main(document: str, program: str, variable: str, lock: str) -> int:
    tools = json.loads(pathlib.Path(lock).read_text())["tools"]
    failing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, Mock(answering(document, tools, folder)) as api:
        settings = {f"{variable}_URL": api.url, f"{variable}_LISTEN": "127.0.0.1:0", f"{variable}_DATA": folder}
        with Running([program], r"(http://\S+)/mcp", **settings) as running:
            server = Server(running.found)
            failing = failures(server, api, tools)
            if failing:
                # an example that breaks its schema is an answer that Prism refuses itself
                api.restart("--ignoreExamples")
                again = failures(server, api, [tool for tool in tools if tool["name"] in failing])
                failing = {name: why for name, why in failing.items() if name in again}
    for why in failing.values():
        print(f"  {why}")
    print(f"{pathlib.Path(document).name}: {len(tools) - len(failing)} of {len(tools)} tools accepted", flush=True)
    return 1 if failing else 0


sys.exit(main(*sys.argv[1:]))
