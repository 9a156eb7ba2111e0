"""The official Python SDK, 2.x, by initialize and as it negotiates by itself.   client.py URL BINARY

Prints one line for each check; the process ends with 1 if one of them failed.
"""

import datetime
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable

import anyio
from mcp import Client, MCPError, StdioServerParameters

URL, BINARY = sys.argv[1:]
DEFINITION = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith("TORII_")}
STDIO = StdioServerParameters(command=BINARY, args=["stdio"], env=ENVIRONMENT)


def definition(tool: dict) -> dict:
    """What a list has of a tool. Its schema is in the form that converters take, with the same arguments."""
    schema = {"properties": list(tool["inputSchema"]["properties"]), "required": tool["inputSchema"].get("required")}
    return {key: tool[key] for key in DEFINITION if key in tool} | {"inputSchema": schema}


COMPILED_IN = json.loads(subprocess.run([BINARY, "tools", "--json"], check=True, capture_output=True).stdout)["tools"]
EXPECTED = sorted((definition(tool) for tool in COMPILED_IN), key=lambda tool: tool["name"])


class Suite:
    """What a client can count on: each public method is a check. The SDK holds answers against the output schema."""

    def __init__(self, client: Client, label: str, revision: str) -> None:
        self._client, self._label, self._revision = client, label, revision

    async def _answer(self, name: str, arguments: dict) -> dict:
        result = await self._client.call_tool(name, arguments)
        assert not result.is_error, f"{name}: {result.content}"
        text, *notes = [content.text for content in result.content]
        response = {name: value for name, value in result.structured_content.items() if name != "notice"}
        assert json.loads(text) == response, "the text is the structured content"
        assert notes == [value for name, value in result.structured_content.items() if name == "notice"], notes
        return response

    async def _failure(self, name: str, arguments: dict, text: str) -> None:
        result = await self._client.call_tool(name, arguments)
        assert result.is_error and text in result.content[0].text, result.content

    async def speaks_the_revision(self) -> None:
        assert self._client.protocol_version == self._revision, self._client.protocol_version

    async def lists_the_tools_as_compiled_in_and_sorted(self) -> None:
        # `query` is the server's own
        tools = [tool for tool in (await self._client.list_tools()).tools if tool.name != "query"]
        assert [tool.name for tool in tools] == [tool["name"] for tool in EXPECTED]
        for tool, expected in zip(tools, EXPECTED, strict=True):
            listed = definition(tool.model_dump(by_alias=True, mode="json", exclude_unset=True))
            assert listed == expected, f"{listed}\n{expected}"
        assert all(tool.output_schema for tool in tools), "every tool has an output schema for the SDK to check"

    async def finds_a_tool_and_runs_it(self) -> None:
        found = (await self._answer("find_tools", {"query": "which fields do apps have"}))["tools"]
        assert len(found) >= 5 and all(tool.get("inYourList") or tool["inputSchema"]["type"] == "object" for tool in found), found
        assert found[0] == {"name": "list_app_field_metadata", "inYourList": True}, found[0]
        assert (await self._answer("run_read_tool", {"tool": "get_app", "arguments": {"idApp": 1001}}))["app"]["id"] == 1001

    async def apps_with_more_than_100_users(self) -> None:
        filters = [{"key": "activeUsersCount", "op": "gt", "value": 100}]
        fields = ["id", "name", "activeUsersCount"]
        apps = (await self._answer("list_apps", {"filters": filters, "fields": fields, "size": 5}))["apps"]
        assert len(apps) == 5 and all(app["activeUsersCount"] > 100 for app in apps), apps
        app = (await self._answer("get_app", {"idApp": apps[0]["id"]}))["app"]
        assert app["name"] == apps[0]["name"]

    async def contracts_that_renew_in_the_next_60_days(self) -> None:
        today = datetime.datetime.now(datetime.UTC).date()
        filters = [
            {"key": "End date", "op": "dayOnOrAfter", "value": today.isoformat()},
            {"key": "End date", "op": "dayOnOrBefore", "value": (today + datetime.timedelta(days=60)).isoformat()},
        ]
        assert (await self._answer("list_contracts", {"filters": filters}))["contracts"]

    async def workflows_that_ran_in_the_last_7_days(self) -> None:
        week_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=7)
        ran, arguments = set(), {"size": 100}
        while True:
            page = await self._answer("list_workflow_action_runs", arguments)
            runs = page["response"]
            recent = [run for run in runs if datetime.datetime.fromisoformat(run["creationTime"]) > week_ago]
            ran.update(run["idWorkflow"] for run in recent)
            # The newest come first, so the first old one ends the search.
            if len(recent) < len(runs) or not page.get("nextCursor"):
                break
            arguments["cursor"] = page["nextCursor"]
        assert len(ran) == 28, ran

    async def pages_by_cursor(self) -> None:
        first = await self._answer("list_users", {"size": 2})
        second = await self._answer("list_users", {"size": 2, "cursor": first["nextCursor"]})
        assert len({user["id"] for user in first["users"] + second["users"]}) == 4

    async def pages_followed_on_the_server_with_progress(self) -> None:
        told = []

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total))

        arguments = {"max_items": 250, "fields": ["email"]}
        result = await self._client.call_tool("list_users", arguments, progress_callback=tell)
        assert len({user["email"] for user in result.structured_content["users"]}) == 250
        assert told == [(100, 250), (200, 250), (250, 250)], told

    async def a_part_of_an_answer(self) -> None:
        assert isinstance((await self._answer("get_app", {"idApp": 1001, "part": "/app/name"}))["value"], str)

    async def a_write_read_back(self) -> None:
        name = f"Contract of {self._label}"
        made = (await self._answer("create_contract", {"name": name, "idApp": 1001, "status": "active"}))["contract"]
        assert (await self._answer("get_contract", {"idContract": made["id"]}))["contract"]["name"] == name

    async def what_is_not_there_is_a_result_with_is_error(self) -> None:
        await self._failure("get_app", {"idApp": 999_999}, "not found")

    async def a_wrong_argument_is_a_result_with_is_error(self) -> None:
        await self._failure("list_apps", {"filter": []}, "did you mean `filters`")

    async def what_the_organization_calls_its_fields_is_read_and_completed(self) -> None:
        uris = [str(resource.uri) for resource in (await self._client.list_resources()).resources]
        assert "torii://fields/apps" in uris, uris
        fields = json.loads((await self._client.read_resource("torii://fields/apps")).contents[0].text)["fields"]
        assert any(field["key"] == "c_annualBudget" and field["isCustom"] for field in fields), fields

    async def prompts_take_arguments(self) -> None:
        assert len((await self._client.list_prompts()).prompts) >= 6
        prompt = await self._client.get_prompt("renewals", {"days": "45"})
        assert "in the next 45 days" in prompt.messages[0].content.text, prompt

    async def an_unknown_field_is_told_with_those_that_come_close(self) -> None:
        await self._failure("list_apps", {"fields": ["ownr"]}, "`primaryOwner`")

    async def an_unknown_tool_is_the_protocol_error_32602(self) -> None:
        try:
            await self._client.call_tool("no_such_tool", {})
        except MCPError as error:
            assert error.code == -32602 and "unknown tool" in error.message, error
        else:
            raise AssertionError("it was called")


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
    for mode, revision in (("legacy", "2025-11-25"), ("auto", "2026-07-28")):
        for way, server in (("http", URL), ("stdio", STDIO)):
            label = f"python in mode {mode} over {way}"
            with anyio.fail_after(60):
                async with Client(server, mode=mode) as client:
                    suite = Suite(client, label, revision)
                    for name in [name for name in vars(Suite) if not name.startswith("_")]:
                        results.append(await check(f"{label}: {name.replace('_', ' ')}", getattr(suite, name)))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


sys.exit(anyio.run(main))
