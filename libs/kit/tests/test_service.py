"""The life of a process: it says clearly why it cannot start, is ready when its parts are, and stops in order."""

import contextlib
import os
import signal
import subprocess
import sys

import aiohttp
import asyncpg
import msgspec
import pytest

from latchkey_embedded import free_port
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.testing import eventually
from latchkey_kit.web import health
from latchkey_kit.web.routes import api

PROGRAM = """
import contextlib, sys
import msgspec
from latchkey_kit.sealing import SealError
from latchkey_kit.service import Definition, Printed, PrintError, Surface, main
from latchkey_kit.settings import Common, Secret, WithDatabase

class Settings(Common, WithDatabase, frozen=True, kw_only=True):
    master_key: Secret

@contextlib.asynccontextmanager
async def running(settings, clock, entropy):
    yield Surface()

class ForAPart(msgspec.Struct, frozen=True, kw_only=True):
    part: str

def text(settings, clock):
    if settings.part == "unsealed":
        raise SealError("the master key must be 32 bytes in base64")
    return f"config of {settings.part}\\n"

def pieces(settings, clock):
    yield "one, "
    yield "two\\n"
    if settings.part == "broken":
        raise PrintError("the rest cannot be had")

sample = Definition(name="sample", settings=Settings, running=running, package="latchkey_kit")
main(sample, prints=[
    Printed(verb="part-config", about="print a part's", settings=ForAPart, text=text),
    Printed(verb="pieces", about="print piece by piece", settings=ForAPart, text=pieces),
])
"""

GOOD = {
    "ORIGIN": "https://api.example.com",
    "DATABASE_URL": "postgresql://user:canary@127.0.0.1/none",
    "MASTER_KEY": "canary",
}


@pytest.fixture
def run(tmp_path):
    """Run the service's program with these settings."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace('package="latchkey_kit"', 'package="sample_package"'))
    folder = tmp_path / "sample_package" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "0001_sample.sql").write_text("CREATE TABLE sample (id integer);")

    def start(*verbs, **environ):
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, file, *verbs], env={"PATH": os.defpath} | environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


def test_bad_settings_are_one_clear_text_and_exit_code_1(run):
    process = run("serve", ORIGIN="https://api.example.com/", PORT="canary", LOG_LEVEL="loud")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines() == [
        "latchkey-sample cannot start:",
        "  ORIGIN: must be an origin, such as https://api.example.com, without a path or a trailing slash",
        "  PORT: must be a whole number from 1 to 65535",
        "  LOG_LEVEL: must be one of debug, info, warning, error",
        "  DATABASE_URL is missing (or DATABASE_URL_FILE, the path of a file that holds it)",
        "  MASTER_KEY is missing (or MASTER_KEY_FILE, the path of a file that holds it)",
    ]


def test_settings_that_contradict_each_other_are_told(run):
    process = run("serve", **GOOD | {"ORIGIN": "http://api.example.com", "PORT": "9000", "CRASH_AT": "before_ack"})
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.splitlines()[1:] == [
        "  PORT, INTERNAL_PORT and ADMIN_PORT must differ",
        "  CRASH_AT is for LOCAL_MODE only",
        "  ORIGIN must be https, except on localhost: tokens would travel in the open",
    ]


def test_config_shows_what_is_used_and_where_it_is_from_but_no_secret(run, tmp_path):
    key = tmp_path / "key"
    key.write_text("canary")
    process = run("config", **{name: GOOD[name] for name in ("ORIGIN", "DATABASE_URL")}, MASTER_KEY_FILE=str(key))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    lines = out.splitlines()
    assert "ORIGIN=https://api.example.com  # environment" in lines
    assert "MASTER_KEY=***  # MASTER_KEY_FILE" in lines
    assert "PORT=8000  # default" in lines
    assert "canary" not in out


def test_config_table_tells_of_every_setting_what_it_means(run):
    out, _ = run("config", "--table").communicate(timeout=30)
    assert "| `DATABASE_URL` | secret | **required** |" in out
    assert all(line.rstrip(" |").count("|") >= 4 for line in out.splitlines()[2:] if "MASTER_KEY" not in line)


def test_a_verb_that_prints_needs_its_own_settings_only(run):
    out, err = run("part-config", PART="door").communicate(timeout=30)
    assert (out, err) == ("config of door\n", "")
    out, err = run("part-config").communicate(timeout=30)
    assert (out, err.splitlines()[1:]) == ("", ["  PART is missing (or PART_FILE, the path of a file that holds it)"])
    process = run("part-config", PART="unsealed")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (1, "", "latchkey-sample: the master key must be 32 bytes in base64\n")
    out, _ = run("config", "part-config", "--table").communicate(timeout=30)
    assert "| `PART` | text | **required** |" in out


def test_a_verb_that_prints_piece_by_piece_says_what_it_lacks(run):
    out, err = run("pieces", PART="door").communicate(timeout=30)
    assert (out, err) == ("one, two\n", "")
    process = run("pieces", PART="broken")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (1, "one, two\n", "latchkey-sample: the rest cannot be had\n")


@pytest.mark.parametrize("verb", ["serve", "migrate", "config", "part-config"])
def test_every_verb_has_its_help(run, verb):
    out, _ = run(verb, "--help").communicate(timeout=30)
    assert "NAME_FILE" in out


def test_a_migration_without_its_database_is_one_line_and_exit_code_1(run):
    url = f"postgresql://user:canary@127.0.0.1:{free_port()}/none"
    process = run("migrate", **GOOD | {"DATABASE_URL": url})
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith("latchkey-sample cannot migrate: ConnectionRefusedError")
    assert "Traceback" not in err
    assert "canary" not in err


@pytest.fixture
async def ask(http):
    """Ask a process of ours that may not listen yet."""

    async def asked(process, port, path="/readyz"):
        assert process.poll() is None, process.communicate()
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with http.get(f"http://127.0.0.1:{port}{path}") as response:
                return response.status, await response.text()

    return asked


def ports():
    return {"PORT": str(free_port()), "INTERNAL_PORT": str(free_port()), "ADMIN_PORT": str(free_port())}


def events(out):
    return [msgspec.json.decode(line)["event"] for line in out.splitlines()]


async def test_it_migrates_serves_and_stops_on_sigterm(run, make_database, ask):
    given = ports()
    process = run("serve", **given, **GOOD | {"DATABASE_URL": make_database()}, MIGRATE_ON_START="true")
    try:
        await eventually(lambda: _ready(ask, process, given), timeout=30)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert events(out) == ["migration_applied", "serving", "stopped"]


async def _ready(ask, process, given):
    said = await ask(process, given["ADMIN_PORT"])
    return said is not None and said[0] == 200


async def test_a_database_that_is_away_is_waited_for(run, make_database, ask):
    given, url = ports(), make_database()
    process = run("serve", **given, **GOOD | {"DATABASE_URL": url.replace("/test_", "/not_there_")})

    async def waits():
        said = await ask(process, given["ADMIN_PORT"])
        return said is not None and said[0] == 503 and "InvalidCatalogNameError" in said[1]

    try:
        await eventually(waits, timeout=30)
        assert await ask(process, given["ADMIN_PORT"], "/livez") == (200, "ok")
        assert await ask(process, given["PORT"]) is None, "nothing is served that cannot work"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert events(out) == ["waits_for_database", "stopped"], "one line, however long it waits"


async def test_an_older_schema_is_waited_for_until_somebody_migrates(run, make_database, ask):
    given, url = ports(), make_database()
    process = run("serve", **given, **GOOD | {"DATABASE_URL": url})

    async def waits():
        said = await ask(process, given["ADMIN_PORT"])
        return said is not None and "older than this release: it lacks sample_package 0001" in said[1]

    try:
        await eventually(waits, timeout=30)
        migrating = run("migrate", **GOOD | {"DATABASE_URL": url})
        assert (migrating.communicate(timeout=30)[1], migrating.returncode) == ("", 0)
        await eventually(lambda: _ready(ask, process, given), timeout=30)
    finally:
        process.kill()
        process.communicate()


async def test_a_database_of_somebody_else_is_left_alone(run, make_database, background):
    url = make_database()
    background.run(_sql(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE invoices (id integer)"))
    process = run("migrate", **GOOD | {"DATABASE_URL": url})
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "the database is not Latchkey's: it has a table 'invoices'" in err
    other = make_database("latchkey_audit")
    process = run("migrate", **GOOD | {"DATABASE_URL": other})
    _, err = process.communicate(timeout=30)
    assert "the database belongs to latchkey_audit, not to sample_package" in err


async def _sql(url, text):
    connection = await asyncpg.connect(url)
    await connection.execute(text)
    await connection.close()


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
        yield Surface(public=(api("GET", "/about", health.Health().livez),), checks=checks)

    definition = Definition(name="sample", settings=Common, running=running)
    return definition, lambda: checks.update(nats=away, token=broken)


async def test_readiness_names_what_is_missing_and_liveness_does_not_care(serving_service, http, definition):
    definition, break_it = definition
    async with serving_service(definition) as served:
        async with http.get(f"{served.admin_url}/readyz") as response:
            assert response.status == 200
            assert await response.json() == {"ready": True, "missing": {}}
        break_it()
        async with http.get(f"{served.admin_url}/readyz") as response:
            assert response.status == 503
            missing = (await response.json())["missing"]
            assert missing == {"nats": "no answer", "token": "the check failed: ConnectionRefusedError"}
        served.health.stopping = True
        async with http.get(f"{served.admin_url}/readyz") as response:
            assert (await response.json())["missing"]["process"] == "stopping"
        async with http.get(f"{served.admin_url}/livez") as response:
            assert (response.status, await response.text()) == (200, "ok")


async def test_health_is_not_on_the_public_port(serving_service, http, definition):
    async with (
        serving_service(definition[0]) as served,
        http.get(f"{served.public_url}/readyz") as response,
    ):
        assert response.status == 404
