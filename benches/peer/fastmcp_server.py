"""The same API served with FastMCP's `from_openapi`: fastmcp_server.py LISTEN TORII."""

import json
import sys

import httpx2
from fastmcp import FastMCP

listen, torii = sys.argv[1:]
document = json.load(open("openapi/torii.json"))
document["paths"] = {"/apps": {"get": {**document["paths"]["/apps"]["get"], "operationId": "list_apps"}}}
client = httpx2.AsyncClient(base_url=torii, headers={"authorization": "Bearer bench"})
server = FastMCP.from_openapi(document, client=client)
host, port = listen.rsplit(":", 1)
server.run(transport="http", host=host, port=int(port), path="/mcp", stateless_http=True, json_response=True, log_level="warning")
