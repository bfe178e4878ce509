"""The stack as its clients see it: the gateway, and what the demo data made."""

import asyncio
import io
import json
from pathlib import Path

import msgspec
from apps import App
from canaries import Canaries

ATTEMPTS = 5


class House:
    """A running stack. ``used`` gathers every secret that the tests held in their hands, or let loose."""

    def __init__(self, folder: Path, http, used: Canaries) -> None:
        self.folder = folder
        self.http = http
        self.used = used
        self.demo = json.loads((folder / "demo.json").read_text())
        self.stack = json.loads((folder / "stack.json").read_text())
        self.origin = self.demo["origin"]
        self.api, self.mcp = f"{self.origin}/v1", f"{self.origin}/v1/mcp"

    def app(self, name: str) -> App:
        known = self.demo["clients"][name]
        return App(self, known["client_id"], known["client_secret"])

    async def ask(self, method, path, token=None, *, data=None, headers=None, attempts=ATTEMPTS, **more):
        """One request to the gateway: (status, JSON or None, headers). A 503 is asked again, as its answer says."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        given = {"Accept": "application/json, text/event-stream"} | bearer | (headers or {})
        for attempt in range(attempts):
            sent = io.BytesIO(data) if isinstance(data, bytes) else data
            async with self.http.request(method, self.origin + path, headers=given, data=sent, **more) as response:
                body = await response.read()
            if response.status != 503 or attempt + 1 == attempts:
                break
            await asyncio.sleep(int(response.headers["Retry-After"]))
        is_json = response.content_type.endswith("json")
        return response.status, msgspec.json.decode(body) if is_json and body else None, response.headers

    async def tool(self, token, name, **arguments):
        """Call a tool of the MCP server: (status, result or None, headers)."""
        params = {"name": name, "arguments": arguments}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        status, body, headers = await self.ask("POST", "/v1/mcp", token, json=call)
        return status, (body or {}).get("result"), headers
