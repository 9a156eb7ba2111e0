"""What the scripts of the Python clients share: the addresses they are given, the user at the browser, and the comparison of schemas."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import anyio

GIVEN = json.loads(sys.argv[1])
"""`open`, `all` and `signIn`, the addresses of the servers, and `list`, that of `all` past the
recorder; `home`, `key`, and `user`, the script of the user at the browser."""

TOOL, ARGUMENTS = "get_app", {"idApp": 1001}


def run(main: Any) -> None:
    """Runs `main` and prints the line that it returns."""
    line = anyio.run(main)
    print(json.dumps({**line, "version": version(line.pop("package"))}), flush=True)


def app(answer: Any) -> None:
    """Fails where the answer to `get_app` has no app."""
    text = answer if isinstance(answer, str) else str(answer)
    assert "Slack" in text and "primaryOwner" in text, f"the call of `{TOOL}` gave no app: {text}"


async def follow(address: str) -> dict[str, str]:
    """The user signs in and allows what is ticked; the parameters that the client is sent back with."""
    ran = await anyio.run_process(["node", GIVEN["user"], GIVEN["key"], address], stderr=None)
    return {name: values[0] for name, values in parse_qs(urlsplit(ran.stdout.decode().strip()).query).items()}


async def bearer_token() -> str:
    """For libraries that cannot sign in: a token that somebody else got."""
    script = GIVEN["user"].replace("user.mjs", "token.mjs")
    ran = await anyio.run_process(["node", script, GIVEN["signIn"].removesuffix("/mcp"), GIVEN["key"], "torii:read"], stderr=None)
    return ran.stdout.decode().strip()


@contextmanager
def follow_in_background() -> Iterator[None]:
    """For libraries that open a browser: a thread goes where they send it, and back to where they wait."""

    def go(address: str) -> None:
        subprocess.run(["node", GIVEN["browser"], GIVEN["key"], address], check=True)

    def open_browser(address: str, *_: Any, **__: Any) -> bool:
        threading.Thread(target=go, args=[address]).start()
        return True

    with mock.patch("webbrowser.open", open_browser):
        yield


class Storage:
    """What the SDK keeps between requests: in memory here."""

    tokens = client = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info


def provider(name: str) -> Any:
    """The way through OAuth of the official SDK, for libraries that take one."""
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import OAuthClientMetadata

    opened = []

    async def open_browser(address: str) -> None:
        opened.append(address)

    async def back() -> Any:
        answer = await follow(opened[-1])
        try:
            from mcp.shared.auth import AuthorizationCodeResult
        except ImportError:  # 1.x
            return answer["code"], answer.get("state")
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))

    metadata = OAuthClientMetadata(client_name=name, redirect_uris=["http://127.0.0.1:3030/callback"], token_endpoint_auth_method="none")
    return OAuthClientProvider(GIVEN["signIn"], metadata, Storage(), open_browser, back)


async def listed() -> list[dict[str, Any]]:
    """Every tool of the server, as it lists them."""
    import urllib.request

    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
    headers = {"content-type": "application/json", "accept": "application/json", "mcp-protocol-version": "2025-11-25"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(GIVEN["list"], body, headers)) as answer:
        return json.load(answer)["result"]["tools"]


def parts(schema: Any, path: str = "", root: Any = None) -> Iterator[tuple[str, str, Any]]:
    """What a schema says of arguments: each name, its types, its values and what is required. Alternatives count as one."""
    root = schema if root is None else root
    if "$ref" in schema:
        target = root
        for name in schema["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    types = schema.get("type") or []
    for kind in [types] if isinstance(types, str) else types:
        if kind.lower() != "null":
            yield path, "type", kind.lower()
    values = [*(schema.get("enum") or []), *([schema["const"]] if "const" in schema else [])]
    for value in values:
        if value is not None:
            yield path, "enum", str(value)
    for name in schema.get("required") or []:
        yield path, "required", name
    for name, below in (schema.get("properties") or {}).items():
        yield path, "property", name
        yield from parts(below, f"{path}.{name}", root)
    if isinstance(schema.get("items"), dict):
        yield from parts(schema["items"], f"{path}[]", root)
    for below in [*(schema.get("anyOf") or []), *(schema.get("any_of") or []), *(schema.get("oneOf") or [])]:
        yield from parts(below, path, root)


def without_items(schema: Any, path: str = "") -> Iterator[str]:
    """Arrays that do not say what they hold, which Gemini refuses."""
    if isinstance(schema, list):
        for below in schema:
            yield from without_items(below, path)
    elif isinstance(schema, dict):
        if str(schema.get("type")).lower() == "array" and not schema.get("items"):
            yield path
        for name, below in schema.items():
            yield from without_items(below, f"{path}.{name}")


async def compare(converted: dict[str, dict[str, Any]], but: Any = lambda tool, part: False) -> int:
    """Fails where what was made of a tool has lost something that the list has, `but` what the package always changes; how many there are."""
    tools = await listed()
    missing = {tool["name"] for tool in tools} - set(converted)
    assert not missing, f"not converted: {sorted(missing)}"
    lost = []
    for tool in tools:
        made = converted[tool["name"]]
        have = set(parts(made))
        lost += [(tool["name"], *part) for part in sorted(set(parts(tool["inputSchema"])) - have, key=str) if not but(tool, part)]
        lost += [(tool["name"], path, "items") for path in without_items(made)]
    assert not lost, f"lost in the conversion, {len(lost)} in all: {lost[:20]}"
    return len(tools)


def gemini(schema: Any) -> dict[str, Any]:
    """A schema of google-genai as plain JSON."""
    return json.loads(schema.model_dump_json(exclude_none=True)) if schema else {}


async def converted_for_gemini(tools: Any) -> int:
    """How many tools google-genai converts, if none of them loses anything."""
    from google.genai._mcp_utils import mcp_to_gemini_tools

    declared = [each for tool in mcp_to_gemini_tools(tools) for each in tool.function_declarations]
    return await compare({each.name: gemini(each.parameters) for each in declared})
