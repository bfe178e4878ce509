"""PostgreSQL and NATS of yours, and several instances of a service: real parts and stand-in services."""

import asyncio
import json

import aiohttp
import asyncpg
import nats
import pytest

from latchkey_embedded import Nats, Postgres, free_port
from latchkey_kit.testing import eventually
from latchkey_local.errors import StackError
from latchkey_local.files import read_json
from latchkey_local.services import OWNERS, instances


def told(run, name):
    return json.loads((run.home / f"environment-{name}.json").read_text())


async def up(run, *, code=0, **environ):
    return await asyncio.to_thread(run, "up", code=code, **environ)


@pytest.fixture
async def yours(tmp_path):
    """A PostgreSQL that wants passwords, and a NATS with one user."""
    config = "jetstream {}\nauthorization { user: you, password: pw_yours }\n"
    tmp_path.chmod(0o711)
    async with (
        Postgres(tmp_path / "postgres", password="pw/@canary") as database,
        Nats(tmp_path / "nats", config) as server,
    ):
        yield {
            "LATCHKEY_DATABASE_URL": database.dsn(),
            "LATCHKEY_NATS_URL": server.url.replace("//", "//you:pw_yours@"),
        }


async def test_your_postgresql_and_nats_are_used_and_none_is_started(new_run, yours):
    await up(new_run, **yours)
    assert {"postgres", "nats", "streams"} & set(new_run.pids()) == {"streams"}, "that one is always ours"
    for service in OWNERS:
        env = told(new_run, service.name)
        assert (env["NATS_USER"], env["NATS_PASSWORD"]) == ("you", "pw_yours")
        assert "you:" not in env["NATS_URL"]
        assert "canary" not in json.dumps(env), "the administrator's password is nobody else's"
        if service.database:
            connection = await asyncpg.connect(env["DATABASE_URL"])
            assert await connection.fetchval("SELECT current_user") == service.role
            await connection.close()
    client = await nats.connect(yours["LATCHKEY_NATS_URL"])
    assert (await client.jetstream().stream_info("LATCHKEY")).config.subjects == ["lk.v1.>"]
    await client.close()


async def test_roles_that_another_data_folder_made_are_told(make_run, yours):
    first, second = make_run("first", empty=True), make_run("second", empty=True)
    await up(first, **yours)
    await asyncio.to_thread(first, "down")
    await up(first, **yours)
    said = await up(second, code=1, **yours)
    assert "The role lk_auth is there with a password that another data folder knows." in said
    assert "canary" not in said


async def test_yours_that_are_away_are_one_sentence_each(make_run, yours):
    port = free_port()
    away = {
        "LATCHKEY_DATABASE_URL": f"postgresql://postgres:canary@127.0.0.1:{port}/postgres",
        "LATCHKEY_NATS_URL": f"nats://you:canary@127.0.0.1:{port}",
    }
    for number, (name, url) in enumerate(away.items()):
        said = await up(make_run(str(number), empty=True), code=1, **yours | {name: url})
        assert ("PostgreSQL" if "DATABASE" in name else "NATS") + " cannot be used: " in said
        assert len(said.strip().splitlines()) == 1
        assert "canary" not in said


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("LATCHKEY_DATABASE_URL", "mysql://root:canary@localhost/x"),
        ("LATCHKEY_DATABASE_URL", "canary"),
        ("LATCHKEY_NATS_URL", "http://you:canary@localhost"),
        ("LATCHKEY_NATS_URL", "nats://"),
    ],
)
def test_what_is_no_address_is_told_and_not_repeated(new_run, name, url):
    said = new_run("up", code=1, **{name: url})
    assert said.startswith(f"{name} must look like ")
    assert "canary" not in said


async def test_several_instances_run_and_the_gateway_and_peers_know_them_all(new_run):
    await up(new_run, LATCHKEY_INSTANCES="token=2,edge=2")
    assert {"token", "token-2", "edge", "edge-2", "auth"} <= set(new_run.pids())
    ports = read_json(new_run.home / "stack.json")["ports"]
    wanted = ",".join(f"http://127.0.0.1:{ports[f'{name}-internal']}" for name in ("token", "token-2"))
    assert told(new_run, "auth")["TOKEN_URL"] == wanted
    assert "'token-2'" not in new_run("logs", "token-2")  # a part like any other
    seen = set()

    async def both_answer():
        async with http.get("/v1/connections", headers={"Authorization": "Bearer alive"}) as answer:
            if answer.status == 200:
                seen.add((await answer.json(content_type=None))["port"])
        return seen == {ports["token"], ports["token-2"]}

    async with aiohttp.ClientSession(new_run.origin) as http:
        await eventually(both_answer)


def test_how_many_of_each_can_be_said_in_two_ways():
    assert len(instances("")) == len(instances("1"))
    assert len(instances("3")) == 3 * len(instances(""))
    assert [one.name for one in instances("audit=3") if one.service.name == "audit"] == ["audit", "audit-2", "audit-3"]
    for text in ("0", "x", "token", "token=", "token=0", "token=10", "nobody=2", "2,x=1", "-1"):
        with pytest.raises(StackError, match="LATCHKEY_INSTANCES"):
            instances(text)
