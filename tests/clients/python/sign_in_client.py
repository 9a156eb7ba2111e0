"""The official Python SDK, 2.x, from nothing to a connection and its end.   sign_in_client.py URL KEY USER

USER is the script of the user at the browser. Prints one line for each check; the process ends with 1 if one of them failed.
"""

import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

URL, KEY, USER = sys.argv[1:]
ORIGIN = URL.removesuffix("/mcp")


class Storage:
    """What the SDK keeps between runs: in memory here."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None
        self.registrations = 0

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client, self.registrations = client_info, self.registrations + 1


class Browser:
    """Where the SDK sends its user, and what comes back."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    async def open(self, address: str) -> None:
        self.opened.append(address)

    async def back(self) -> AuthorizationCodeResult:
        ran = await anyio.run_process(["node", USER, KEY, self.opened[-1]], stderr=None)
        answer = {name: values[0] for name, values in parse_qs(urlsplit(ran.stdout.decode().strip()).query).items()}
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))

    def scopes(self) -> set[str]:
        return set(parse_qs(urlsplit(self.opened[-1]).query)["scope"][0].split())


class Connection:
    """One user's connection, which each check goes on with."""

    def __init__(self, mode: str) -> None:
        self.mode, self.storage, self.browser = mode, Storage(), Browser()
        metadata = OAuthClientMetadata(client_name=f"A test in Python, {mode}", redirect_uris=["http://127.0.0.1:3030/callback"])
        self.provider = OAuthClientProvider(URL, metadata, self.storage, self.browser.open, self.browser.back)

    async def call(self, name: str, arguments: dict) -> dict:
        async with self._client() as client:
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result.content
            return json.loads(result.content[0].text)

    async def tools(self) -> list[str]:
        async with self._client() as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    async def revoke(self, token: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{ORIGIN}/oauth/revoke", data={"token": token, "client_id": self.storage.client.client_id})
            assert answer.status_code == 200, answer

    def _client(self) -> Client:
        http = httpx2.AsyncClient(auth=self.provider, trust_env=False, timeout=30)
        return Client(streamable_http_client(URL, http_client=http), mode=self.mode)


class Suite:
    """Each public method is a check, in this order."""

    def __init__(self, connection: Connection) -> None:
        self._to = connection

    async def signs_in_registers_and_lists_what_the_user_allowed(self) -> None:
        tools = await self._to.tools()
        assert "list_apps" in tools and "run_write_tool" not in tools, tools
        assert self._to.storage.registrations == 1 and len(self._to.browser.opened) == 1
        assert self._to.browser.scopes() == {"torii:read", "offline_access"}, self._to.browser.opened
        assert self._to.storage.tokens.scope == "torii:read"

    async def calls(self) -> None:
        assert (await self._to.call("get_app", {"idApp": 1001}))["app"]["id"] == 1001

    async def refreshes_by_itself_once_the_token_is_too_old(self) -> None:
        before = self._to.storage.tokens
        self._to.provider.context.token_expiry_time = time.time() - 1
        await self.calls()
        after = self._to.storage.tokens
        assert after.access_token != before.access_token and after.refresh_token != before.refresh_token
        assert len(self._to.browser.opened) == 1, "the user was not asked again"

    async def asks_for_more_where_a_tool_needs_more_and_then_calls_it(self) -> None:
        contract = {"name": f"Contract of python in mode {self._to.mode}", "idApp": 1001, "status": "active"}
        made = (await self._to.call("create_contract", contract))["contract"]
        assert len(self._to.browser.opened) == 2 and {"torii:read", "torii:write"} <= self._to.browser.scopes()
        assert self._to.storage.tokens.scope == "torii:read torii:write"
        assert (await self._to.call("get_contract", {"idContract": made["id"]}))["contract"]["name"] == contract["name"]
        assert "run_write_tool" in await self._to.tools()

    async def asks_the_user_again_once_the_connection_is_ended(self) -> None:
        await self._to.revoke(self._to.storage.tokens.refresh_token)
        await self.calls()
        assert len(self._to.browser.opened) == 3

    async def asks_the_user_again_where_the_refresh_token_does_not_count_either(self) -> None:
        await self._to.revoke(self._to.storage.tokens.refresh_token)
        self._to.provider.context.token_expiry_time = time.time() - 1
        await self.calls()
        assert len(self._to.browser.opened) == 4


async def check(label: str, body: Callable[[], Awaitable[None]]) -> bool:
    try:
        await body()
    except Exception:
        print(f"FAILED  {label}\n{traceback.format_exc()}", flush=True)
        return False
    print(f"ok      {label}", flush=True)
    return True


async def main() -> int:
    results = []
    for mode in ("legacy", "auto"):
        with anyio.fail_after(60):
            suite = Suite(Connection(mode))
            for name in [name for name in vars(Suite) if not name.startswith("_")]:
                results.append(await check(f"python in mode {mode}: {name.replace('_', ' ')}", getattr(suite, name)))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


sys.exit(anyio.run(main))
