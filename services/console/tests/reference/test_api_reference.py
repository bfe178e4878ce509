"""The API reference shows every operation, with a command that can be run."""

import json
import re

import pytest

from latchkey_console.app import running
from latchkey_console.settings import Settings
from latchkey_kit import service
from latchkey_kit.testing.services import serve, settings_for

DEFINITION = service.Definition(name="console", settings=Settings, running=running)


@pytest.fixture
async def console():
    nobody = dict.fromkeys(
        ("auth_url", "token_url", "client_registry_url", "permissions_url", "audit_url"), "http://127.0.0.1:9"
    )
    async with serve(DEFINITION, settings_for(DEFINITION, **nobody)) as served:
        yield served


@pytest.fixture
def get(console, http):
    async def ask(path):
        async with http.get(console.public_url + path) as response:
            return response.status, await response.text()

    return ask


async def test_a_stranger_reads_every_part_and_every_operation_of_it(get):
    _, text = await get("/openapi.json")
    document = json.loads(text)
    shown = set()
    for tag in document["tags"]:
        status, page = await get(f"/docs/api/{tag['name']}")
        assert status == 200
        shown |= set(re.findall(r"<code><strong>(\w+)</strong> ([^<]+)</code>", page))
    assert shown == {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }  # fmt: skip


async def test_the_document_names_this_installation(get, console):
    _, text = await get("/openapi.json")
    assert json.loads(text)["servers"] == [{"url": console.settings.origin}]


async def test_a_command_sends_what_is_required(get):
    _, page = await get("/docs/api/oauth-clients")
    assert "curl -X POST" in page
    assert "&#34;name&#34;: &#34;…&#34;" in page


async def test_a_collection_for_postman_has_a_folder_for_each_part(get):
    _, text = await get("/openapi.json")
    _, collection = await get("/postman.json")
    folders = [one["name"] for one in json.loads(collection)["item"]]
    assert folders == [one["name"] for one in json.loads(text)["tags"]]


async def test_a_part_that_there_is_not_has_no_page(get):
    status, page = await get("/docs/api/nothing")
    assert status == 404
    assert "<h1>" in page
