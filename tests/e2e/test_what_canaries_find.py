"""Runs after the others: secrets are sent through every flow, errors included, and nothing keeps or tells one.

The stack logs at the level `debug`. What may keep secrets: the private files of the data folder, and hashes.
"""

import asyncio
import base64
import json
import re
import stat
import sys
import time
from pathlib import Path
from urllib.parse import quote

import aiohttp
import canary_flows
import keepers
import pytest
from apps import App
from canaries import Net
from canary_flows import Aviary
from house import House

from latchkey_kit.testing import eventually

HUNG_UP = re.compile(rb'\{"level":"error"[^\n]*context canceled[^\n]*\n')
"""The gateway's word for a caller that went away while it was asking for them."""
ERROR = re.compile(rb'"level": ?"(error|critical)"|Traceback \(most recent call last\)')


@pytest.fixture(scope="session")
def aviary(stack, used) -> Aviary:
    """All canaries are let loose, and everything has heard of everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATCHKEY_HOME", str(stack))
        return asyncio.run(let_loose(stack, used))


@pytest.fixture(scope="session")
def net(stack, used, aviary) -> Net:
    """What all of them are caught with."""
    for name, password in keepers.passwords(stack).items():
        used.watch(f"the password {name}", password)
    used.watch("the master key", (stack / "secrets" / "master.key").read_text().strip())
    for needed in ("a user's password", "a client's secret", "refresh token in a bearer", "the master key"):
        assert needed in used.labels.values()
    return used.net()


async def let_loose(stack, used) -> Aviary:
    async with aiohttp.ClientSession() as http:
        house = House(stack, http, used)
        aviary = await canary_flows.build(house)
        try:
            for flow in canary_flows.FLOWS:
                before, start = len(used), time.monotonic()
                await flow(house, aviary)
                sys.stdout.write(f"\n{flow.__name__}: {len(used) - before} more, {time.monotonic() - start:.1f} s")
        finally:
            await aviary.person.close()

    async def all_told() -> bool:
        return not await keepers.untold(stack)

    await eventually(all_told, 60)
    return aviary


def search(places, net, **how) -> dict[str, list[str]]:
    """Place → what was found there."""
    places = list(places)
    assert places
    assert sum(len(content) for _, content in places) > 1000, "nothing was looked at"
    return {place: sorted(found) for place, content in places if (found := net.catch(content, **how))}


async def test_a_secret_would_be_found_in_any_spelling(used, net):
    for value in [one for one, label in used.labels.items() if label == "a client's secret"]:
        for text in (value, value[15:-10], quote(f"é{value}"), value.encode().hex(), json.dumps([value]), repr(value)):
            assert "a client's secret" in net.catch(b"{" + text.encode() + b"}")
        for before in ("", "a", "ab"):
            assert net.catch(base64.b64encode(f"{before}{value}:".encode()))


async def test_no_log_and_no_file_keeps_a_secret(stack, net):
    found = list(keepers.files(stack))
    names = [name for name, _ in found]
    for part in (*keepers.SERVICES, "supervisor"):
        assert f"logs/{part}.log" in names
    assert {"postgres/postgres.log", "nats/nats.log", "gateway/traefik.log", "stack.json", "state.json"} <= set(names)
    assert not search(found, net)


async def test_no_log_tells_of_an_error_of_ours(stack, net):
    for name, whole in keepers.files(stack):
        if name.endswith(".log"):
            content = HUNG_UP.sub(b"", whole)
            assert not (found := ERROR.search(content)), (name, content[found.start() - 500 : found.end() + 1500])


async def test_no_row_of_any_database_keeps_a_secret(stack, net):
    """Nor does any event: the outboxes have them all as NATS gets them, and it lets go what was read."""
    found = [one async for one in keepers.rows(stack)]
    names = {name for name, _ in found}
    for service in keepers.DATABASES:
        assert {f"table outbox of {service}", f"table dead_letter of {service}"} <= names
    assert not search(found, net)


async def test_no_file_of_the_database_keeps_a_secret(stack, net):
    await keepers.checkpoint(stack)
    found = list(keepers.data_files(stack))
    assert "postgres/data/pg_wal" in {str(Path(name).parent) for name, _ in found}
    assert not search(found, net, as_text=True)


@pytest.mark.parametrize("tenant", ["acme", "aviary"])
async def test_no_answer_of_the_audit_log_holds_a_secret(house, net, person, carly, aviary, tenant):
    if tenant == "acme":
        token = (await house.app("admin-cli").connect(carly, resource=house.api)).access
    else:
        app = App(house, aviary.app.client_id, aviary.app.client_secret)
        token = (await app.connect(person(canary_flows.EMAIL, aviary.password), resource=house.api)).access
    pages, cursor = [], ""
    while cursor is not None:
        url, bearer = f"{house.api}/audit-events?limit=200{cursor}", {"Authorization": f"Bearer {token}"}
        async with house.http.get(url, headers=bearer) as response:
            pages.append((f"page {len(pages)}", await response.read()))
            following = (await response.json())["next_cursor"]
            cursor = f"&cursor={following}" if following else None
    assert not search(pages, net)


async def test_no_metric_and_no_health_answer_holds_a_secret(stack, http, net):
    assert not search([one async for one in keepers.metrics(stack, http)], net)


async def test_no_command_line_holds_a_secret(stack, net):
    assert not search(keepers.command_lines(stack), net)


def test_private_files_and_logs_are_for_their_owner_only(stack):
    for file in [*(stack / name for name in keepers.PRIVATE), *stack.rglob("*.log")]:
        modes = [stat.S_IMODE(one.stat().st_mode) & 0o077 for one in (file, file.parent)]
        assert 0 in modes, file


async def test_nothing_is_told_while_parts_die(stack, house, person, aviary, used, net):
    """The last one: what is under way when PostgreSQL, NATS or a service dies ends in errors of many kinds."""
    app = App(house, aviary.app.client_id, aviary.app.client_secret)
    nell = person(canary_flows.EMAIL, aviary.password)
    await canary_flows.while_parts_die(house, Aviary(nell, app, aviary.other, aviary.password))
    assert len(used.net()) > len(net)
    assert not search(keepers.files(stack), used.net())
    assert not search([one async for one in keepers.rows(stack)], used.net())
