"""What Prometheus reads: every request counted, and never more series than routes, methods and statuses."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.telemetry import metrics
from latchkey_kit.testing import eventually
from latchkey_kit.web import routes
from latchkey_kit.web.application import application
from latchkey_kit.web.health import Health
from latchkey_kit.web.problems import Problem

DURATION = "latchkey_http_request_duration_seconds"


def series():
    """Every series of the process: (name, label → value) → number."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(name, **labels):
    return series().get((name, frozenset(labels.items())), 0)


async def item(request):
    if request.match_info["item"] == "bug":
        raise ValueError("canary")
    if request.match_info["item"] == "gone":
        raise Problem(404, "not_found", "There is nothing here.")
    return web.Response(text=request.match_info["item"])


@pytest.fixture
def held():
    return asyncio.Event()


@pytest.fixture
def health():
    return Health()


@pytest.fixture
async def client(health, held):
    async def wait(request):
        await held.wait()
        return web.Response()

    shown = (routes.api("GET", "/metered/{item}", item), routes.api("GET", "/waiting", wait), *health.routes())
    async with TestClient(TestServer(application(shown, SystemClock(), SystemEntropy()))) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/metered/canary-1", {"route": "/metered/{item}", "method": "GET", "status": "2xx"}),
        ("HEAD", "/metered/canary-1", {"route": "/metered/{item}", "method": "HEAD", "status": "2xx"}),
        ("GET", "/metered/gone", {"route": "/metered/{item}", "method": "GET", "status": "4xx"}),
        ("GET", "/metered/bug", {"route": "/metered/{item}", "method": "GET", "status": "5xx"}),
        ("GET", "/canary/2?canary=3", {"route": "unmatched", "method": "GET", "status": "4xx"}),
        ("POST", "/metered/canary-4", {"route": "unmatched", "method": "POST", "status": "4xx"}),
        ("PROPFIND", "/metered/canary-5", {"route": "unmatched", "method": "other", "status": "4xx"}),
    ],
)
async def test_a_request_is_counted_by_its_route_method_and_kind_of_status(client, method, path, labels):
    before = value(f"{DURATION}_count", **labels)
    async with client.request(method, path) as response:
        await response.read()
    assert value(f"{DURATION}_count", **labels) == before + 1
    assert "canary" not in metrics.exposition().decode().lower()


async def test_what_strangers_send_makes_no_new_series(client):
    async def send(method, path):
        async with client.request(method, path) as odd, client.get(f"{path}/{path}") as lost:
            assert (odd.status, lost.status) == (405, 404)

    await send("PROPFIND", "/metered/0")
    before = set(series())
    for at, method in enumerate(("MKCOL", "REPORT", "SEARCH", "LOCK", "PURGE", "TRACE", "MERGE", "LINK")):
        await send(method, f"/metered/{at}")
    assert set(series()) == before


async def test_requests_under_way_are_seen(client, held):
    before = value("latchkey_http_requests_in_flight")
    asking = asyncio.create_task(client.get("/waiting"))

    async def seen():
        return value("latchkey_http_requests_in_flight") == before + 1

    await eventually(seen)
    held.set()
    async with await asking:
        pass
    assert value("latchkey_http_requests_in_flight") == before


async def test_metrics_are_text_that_prometheus_reads_with_readiness_and_the_process(client, health):
    async def away():
        return "no answer"

    async def well():
        return None

    async def read():
        async with client.get("/metrics") as response:
            assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            return await response.text()

    assert 'latchkey_ready{check="process"} 0.0' in await read()
    health.started({"database": well, "nats": away})
    text = await read()
    ready = [line for line in text.splitlines() if line.startswith("latchkey_ready{")]
    assert ready == [
        'latchkey_ready{check="process"} 1.0',
        'latchkey_ready{check="database"} 1.0',
        'latchkey_ready{check="nats"} 0.0',
    ]
    assert "process_resident_memory_bytes" in text
    assert "python_info" in text
    assert "_created" not in text


async def test_connections_that_are_lent_out_are_seen_as_long_as_there_is_a_pool(make_database):
    name = "latchkey_database_connections_in_use"
    async with db.connect(make_database(), application="metered") as database:
        assert value(name, pool="metered") == 0
        async with database.connection(), database.connection():
            assert value(name, pool="metered") == 2
        assert value(name, pool="metered") == 0
    assert (name, frozenset({("pool", "metered")})) not in series()
