"""The page for APIs of others: what it shows runs as it stands."""

import importlib
import pathlib
import re
import sys

import pytest
from aiohttp.test_utils import TestServer
from uvicorn_server import serving

from latchkey_kit.clock import SystemClock
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken
from latchkey_verify.testing import Issuer, Owners, rights

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "verifying.md"
ORIGIN, API = "https://api.latchkey.test", "https://reports.example.com"


@pytest.fixture
def issuer():
    return Issuer(ORIGIN, API, SystemClock())


@pytest.fixture
async def owners(issuer, monkeypatch):
    made = Owners(issuer)
    async with made.serving() as url:
        named = {"ORIGIN": ORIGIN, "HEADS_URLS": url, "PERMISSIONS_URL": url, "NAME": "reports", "SECRET": "s3cret"}
        for name, value in named.items():
            monkeypatch.setenv(f"LATCHKEY_{name}", value)
        yield made


@pytest.fixture
def example(tmp_path, monkeypatch, owners):
    """Import an example of the page by its name."""
    blocks = re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for name, code in blocks:
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module
    for name, _ in blocks:
        sys.modules.pop(name, None)


@pytest.fixture
def send(http, issuer):
    async def send(url, method="GET", token=None):
        headers = {"Authorization": f"Bearer {token or issuer.mint()}"}
        async with http.request(method, url, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    return send


async def served_until_killed(send, url, owners):
    async def answered():
        return await send(f"{url}/totals") == (200, {"tenant": "1" * 32})

    await eventually(answered)
    owners.kill()
    await owners.asked_again("/feed")
    assert (await send(f"{url}/totals"))[0] == 401


def test_page_shows_three_ways():
    named = re.findall(r"^# (\w+\.py)$", PAGE.read_text(), re.MULTILINE)
    assert named == ["connection.py", "with_aiohttp.py", "with_asgi.py", "with_anything.py"]


async def test_aiohttp_example_runs(example, owners, send):
    async with TestServer(example("with_aiohttp").app, host="127.0.0.1") as server:
        url = str(server.make_url("")).rstrip("/")

        async def refused():
            return (await send(f"{url}/reports", "POST"))[0] == 403

        await eventually(refused)
        owners.rights = rights(*[{"report": ["create"]}] * 3, revision=2)
        owners.add("role", "4" * 32, 2)
        await owners.asked_again("/feed")
        assert await send(f"{url}/reports", "POST") == (201, {"added": True})
        await served_until_killed(send, url, owners)


async def test_asgi_example_runs(example, owners, send):
    async with serving(example("with_asgi").app) as url:
        await served_until_killed(send, url, owners)


async def test_example_for_anything_else_runs(example, owners, issuer):
    sent = []

    async def pieces(*, killing):
        yield "first"
        if killing:
            owners.kill()
            await owners.asked_again("/feed", 100)
        yield "last"

    async def send(piece):
        sent.append(piece)

    copy = example("with_anything").copy
    await copy(issuer.mint(), pieces(killing=False), send)
    with pytest.raises(InvalidToken, match="revoked"):
        await copy(issuer.mint(), pieces(killing=True), send)
    assert sent == ["first", "last", "first"]
