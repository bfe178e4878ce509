"""One whole stack for all tests in here: every service as its own process, behind the gateway, on real parts."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from apps import App
from people import Person
from stacks import folder_for_a_stack

ATTEMPTS = 5


class House:
    """A running stack. ``used`` gathers every secret that the tests held in their hands."""

    def __init__(self, folder: Path, http) -> None:
        self.folder = folder
        self.http = http
        self.demo = json.loads((folder / "demo.json").read_text())
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


@pytest.fixture(scope="session")
def stack() -> Iterator[Path]:
    """The data folder of a stack that is up; it is taken down whatever happens."""
    with folder_for_a_stack() as made:
        made.up()
        yield made.home


@pytest.fixture(scope="session")
def used() -> set[str]:
    """Every token, code, secret and cookie that a test was given: none may stand in a log."""
    return set()


@pytest.fixture
def house(stack, http, used) -> House:
    made = House(stack, http)
    made.used = used
    return made


@pytest.fixture
async def person(house):
    """``person("sam@acme.test")``: somebody with a browser of their own."""
    people = []

    def one(email: str, password: str | None = None) -> Person:
        known = house.demo["users"].get(email, {})
        people.append(Person(house, email, password or known["password"]))
        return people[-1]

    yield one
    for each in people:
        await each.close()


@pytest.fixture
async def carly(person) -> Person:
    return person("carly@acme.test")


@pytest.fixture
async def sam(person) -> Person:
    return person("sam@acme.test")
