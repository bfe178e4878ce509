"""Each process on its own, as an operator starts it: nothing else is there yet, and then it is."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from latchkey_contracts.feed import VERIFIERS
from latchkey_embedded import free_port
from latchkey_kit.testing import eventually
from latchkey_local.services import SERVICES

COMMANDS = Path(sys.executable).parent
STATEFUL = [one for one in SERVICES if one.database]


@pytest.fixture
def start():
    """Start a process; what still runs at the end is killed."""
    running = []

    def run(service, verb, environ):
        command, given = [COMMANDS / f"latchkey-{service.owner}", verb], {"PATH": os.defpath, **environ}
        told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, env=given, **told))  # noqa: S603 (ours)
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.communicate()


def alone(database_url):
    """Settings that are right, and lead to nobody."""
    owners = ("AUTH", "TOKEN", "CLIENT_REGISTRY", "PERMISSIONS", "RECORDS", "AUDIT")
    peers = ("HEADS_URLS", *(f"{owner}_URL" for owner in owners))
    return {
        "ORIGIN": "https://api.example.com",
        "PORT": str(free_port()),
        "INTERNAL_PORT": str(free_port()),
        "ADMIN_PORT": str(free_port()),
        "DATABASE_URL": database_url,
        "NATS_URL": f"nats://127.0.0.1:{free_port()}",
        "MASTER_KEY": base64.b64encode(bytes(32)).decode(),
        **dict.fromkeys(peers, f"http://127.0.0.1:{free_port()}"),
    }


async def readiness(process, environ):
    """What `/readyz` says: status and what is missing; nothing while it does not listen yet."""
    assert process.poll() is None, process.communicate()
    with contextlib.suppress(aiohttp.ClientConnectionError):
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{environ['ADMIN_PORT']}/readyz") as answer,
        ):
            return answer.status, (await answer.json())["missing"]
    return 0, {}


async def until_missing(process, environ, wanted):
    """Wait until exactly these are missing: each with a part of what is said of it."""

    async def said():
        status, missing = await readiness(process, environ)
        return status and missing.keys() == wanted.keys() and all(wanted[name] in missing[name] for name in wanted)

    await eventually(said, timeout=60)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_without_settings_it_lists_all_that_is_missing(start, service):
    out, err = start(service, service.verb, {}).communicate(timeout=60)
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == f"latchkey-{service.owner} cannot start:"
    assert "  ORIGIN is missing (or ORIGIN_FILE, the path of a file that holds it)" in lines
    assert any("DATABASE_URL is missing" in line for line in lines) == service.database


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_it_waits_for_everything_it_needs_and_stops_when_told(start, service, make_database):
    """The database is there and empty: the process waits for its schema, then for the rest, and never ends."""
    url = make_database()
    connection = await asyncpg.connect(url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    environ = alone(url)
    process = start(service, service.verb, environ)
    if service.database:
        await until_missing(process, environ, {"process": "the schema is older than this release"})
        migrating = start(service, "migrate", environ)
        assert (migrating.communicate(timeout=60)[1], migrating.returncode) == ("", 0)
    wanted = {"verifier": "feed"} if service.name in VERIFIERS else {}
    await until_missing(process, environ, wanted | ({"catalogue": ""} if service.name == "records" else {}))
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events[-1] == "stopped"
    assert "unexpected_error" not in events


@pytest.mark.parametrize("service", STATEFUL, ids=lambda service: service.name)
def test_config_hides_the_secrets_it_was_given(start, service, tmp_path):
    file = tmp_path / "url"
    file.write_text("postgresql://canary:canary@localhost/x")
    environ = alone("x") | {"DATABASE_URL_FILE": str(file), "NATS_PASSWORD": "canary", "INTERNAL_SECRET": "canary"}
    del environ["DATABASE_URL"]
    process = start(service, "config", environ)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "DATABASE_URL=***  # DATABASE_URL_FILE" in out
    assert "canary" not in out
