"""Readiness from the first moment of a process to its last, for programs and for people."""

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer

from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.web import health as module
from latchkey_kit.web.application import application
from latchkey_kit.web.health import Health, until_first_well


async def well():
    return None


async def away():
    return "no answer\nfrom it"


async def broken():
    raise ConnectionRefusedError("canary")


@pytest.fixture
def health():
    return Health()


@pytest.fixture
async def get(health):
    app = application(health.routes(), SystemClock(), SystemEntropy())
    async with TestClient(TestServer(app)) as client:

        async def get(path):
            async with client.get(path) as response:
                assert path == "/livez" or response.headers["Cache-Control"] == "no-store"
                return response.status, await (response.json() if path == "/readyz" else response.text())

        yield get


async def test_before_its_wiring_is_there_it_is_alive_and_not_ready(get):
    assert await get("/livez") == (200, "ok")
    assert await get("/readyz") == (503, {"ready": False, "missing": {"process": "starting"}})
    assert await get("/readyz?verbose") == (503, "[-] process: starting\nnot ready\n")


async def test_it_says_what_the_start_waits_for(health, get):
    health.waiting("the database cannot be reached")
    assert await get("/readyz") == (503, {"ready": False, "missing": {"process": "the database cannot be reached"}})


async def test_once_started_it_is_as_ready_as_its_checks(health, get):
    checks = {"database": well}
    health.waiting("the database cannot be reached")
    health.started(checks)
    assert await get("/readyz") == (200, {"ready": True, "missing": {}})
    checks["nats"] = away
    assert await get("/readyz") == (503, {"ready": False, "missing": {"nats": "no answer\nfrom it"}})


async def test_verbose_shows_every_check_in_a_line_of_its_own(health, get):
    health.started({"database": well})
    assert await get("/readyz?verbose") == (200, "[+] process: ok\n[+] database: ok\nready\n")
    health.started({"database": well, "nats": away, "token": broken})
    status, text = await get("/readyz?verbose")
    assert status == 503
    assert text.splitlines() == [
        "[+] process: ok",
        "[+] database: ok",
        "[-] nats: no answer from it",
        "[-] token: the check failed: ConnectionRefusedError",
        "not ready",
    ]


@pytest.mark.parametrize("started", [True, False])
async def test_a_process_that_stops_is_not_ready_whatever_its_checks_say(health, get, started):
    if started:
        health.started({"database": well})
    health.stopping = True
    assert await get("/readyz") == (503, {"ready": False, "missing": {"process": "stopping"}})
    assert (await get("/livez"))[0] == 200


async def test_a_check_that_hangs_is_an_answer_and_holds_no_other_up(health, monkeypatch):
    monkeypatch.setattr(module, "_SLOWEST", 0.05)
    asked = []

    async def hang():
        await asyncio.Event().wait()

    async def noted():
        asked.append(True)

    health.started({"token": hang, "database": noted})
    assert await health.missing() == {"token": "no answer within 0.05 s"}
    assert asked


async def test_a_check_of_the_start_counts_until_it_was_well_once():
    said = ["not yet", "not yet", None, "gone again"]

    async def check():
        return said.pop(0)

    once = until_first_well(check)
    assert [await once() for _ in range(5)] == ["not yet", "not yet", None, None, None]
