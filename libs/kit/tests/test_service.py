"""The life of a process: it says clearly why it cannot start, is ready when its parts are, and stops in order."""

import contextlib
import os
import signal
import subprocess
import sys

import aiohttp
import msgspec
import pytest

from latchkey_embedded import free_port
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.testing import eventually

PROGRAM = """
import contextlib, sys
from latchkey_kit.service import Definition, Surface, main
from latchkey_kit.settings import Common, Secret, WithDatabase

class Settings(Common, WithDatabase, frozen=True, kw_only=True):
    master_key: Secret

@contextlib.asynccontextmanager
async def running(settings, clock, entropy):
    yield Surface()

main(Definition(name="sample", settings=Settings, running=running, package="latchkey_kit"))
"""


@pytest.fixture
def run(tmp_path):
    """Run the service's program with these settings."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace('package="latchkey_kit"', 'package="sample_package"'))
    folder = tmp_path / "sample_package" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "0001_sample.sql").write_text("CREATE TABLE sample (id integer);")

    def start(verb, **environ):
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, file, verb], env={"PATH": os.defpath} | environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


def test_bad_settings_are_one_clear_text_and_exit_code_1(run):
    process = run("serve", ORIGIN="https://api.example.com", PORT="canary")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines() == [
        "latchkey-sample cannot start:",
        "  PORT: not a valid int",
        "  DATABASE_URL is missing (or DATABASE_URL_FILE, the path of a file that holds it)",
        "  MASTER_KEY is missing (or MASTER_KEY_FILE, the path of a file that holds it)",
    ]


def test_a_database_that_is_away_is_one_line_and_exit_code_1(run):
    url = f"postgresql://user:canary@127.0.0.1:{free_port()}/none"
    process = run("migrate", ORIGIN="https://api.example.com", DATABASE_URL=url, MASTER_KEY="canary")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith("latchkey-sample cannot start: ConnectionRefusedError")
    assert "Traceback" not in err
    assert "canary" not in err


async def test_it_migrates_serves_and_stops_on_sigterm(run, make_database, http):
    port = free_port()
    process = run(
        "serve", ORIGIN="https://api.example.com", DATABASE_URL=make_database(), MASTER_KEY="canary",
        MIGRATE_ON_START="true", PORT=str(free_port()), INTERNAL_PORT=str(port),
    )  # fmt: skip

    async def ready():
        assert process.poll() is None, process.communicate()
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with http.get(f"http://127.0.0.1:{port}/readyz") as response:
                return response.status == 200

    try:
        await eventually(ready, timeout=30)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    events = [msgspec.json.decode(line)["event"] for line in out.splitlines()]
    assert events == ["migration_applied", "serving", "stopped"]


@pytest.fixture
def definition():
    async def well():
        return None

    async def away():
        return "no answer"

    async def broken():
        raise ConnectionRefusedError("canary")

    checks = {"database": well}

    @contextlib.asynccontextmanager
    async def running(settings, clock, entropy):
        yield Surface(checks=checks)

    definition = Definition(name="sample", settings=Common, running=running)
    return definition, lambda: checks.update(nats=away, token=broken)


async def test_readiness_names_what_is_missing_and_liveness_does_not_care(serving_service, http, definition):
    definition, break_it = definition
    async with serving_service(definition) as served:
        async with http.get(f"{served.internal_url}/readyz") as response:
            assert response.status == 200
            assert await response.json() == {"ready": True, "missing": {}}
        break_it()
        async with http.get(f"{served.internal_url}/readyz") as response:
            assert response.status == 503
            missing = (await response.json())["missing"]
            assert missing == {"nats": "no answer", "token": "ConnectionRefusedError"}
        served.health.stopping = True
        async with http.get(f"{served.internal_url}/readyz") as response:
            assert (await response.json())["missing"]["process"] == "stopping"
        async with http.get(f"{served.internal_url}/livez") as response:
            assert (response.status, await response.text()) == (200, "ok")


async def test_health_is_not_on_the_public_port(serving_service, http, definition):
    async with (
        serving_service(definition[0]) as served,
        http.get(f"{served.public_url}/readyz") as response,
    ):
        assert response.status == 404
