"""Nothing but HTTP, SHA-256 and the public key: the example of docs/audit.md, run against the service."""

import asyncio
import contextlib
import pathlib
import re

import jwt
import pytest

from latchkey_audit.__main__ import DEFINITION
from latchkey_contracts.seals import Checkpoint
from latchkey_kit import db
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

DOC = pathlib.Path(__file__).parents[4] / "docs" / "audit.md"


@pytest.fixture
def verify_log():
    """The function that the documentation shows."""
    (example,) = re.findall(r"```python\n(.*?def verify_log.*?)```", DOC.read_text(), re.DOTALL)
    scope = {}
    exec(compile(example, str(DOC), "exec"), scope)  # noqa: S102 - our own
    return scope["verify_log"]


@pytest.fixture
def serving(serving_service, clock, owners, make_database):
    url = make_database("latchkey_audit")

    @contextlib.asynccontextmanager
    async def start(**settings):
        async with serving_service(
            DEFINITION, clock=clock, heads_urls=owners.url, permissions_url=owners.url, auth_url=owners.url,
            database_url=Secret(url),
            **settings,
        ) as served:  # fmt: skip
            await served.ready()
            yield served

    start.url = url
    return start


async def until(serving, count, statement="SELECT count(*) FROM event WHERE tenant_id = $1"):
    async with db.connect(serving.url) as database:

        async def so():
            async with database.connection() as connection:
                return (await connection.fetchval(statement, TENANT) or 0) >= count

        await eventually(so)


async def tamper(serving, statement):
    async with db.connect(serving.url) as database, database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(statement)


async def test_with_what_the_api_gives_a_tenant_proves_its_log(serving, owners, publish, make_event, verify_log):
    async with serving(checkpoint_seconds=1) as served:
        await publish(*(make_event(after=1) for _ in range(5)), make_event(tenant="e" * 32))
        await until(serving, 1, "SELECT max(position) FROM checkpoint WHERE tenant_id = $1 AND position >= 5")
        token = owners.issuers[0].mint()
        assert await asyncio.to_thread(verify_log, served.public_url, token) >= 5
        await tamper(serving, "UPDATE event SET body = body || ' '::bytea WHERE position = 3")
        with pytest.raises(AssertionError, match="entry 3 "):
            await asyncio.to_thread(verify_log, served.public_url, token)


async def test_a_service_that_stops_signs_what_came_last(serving, publish, make_event):
    async with serving(checkpoint_seconds=3600):
        await publish(make_event())
        await until(serving, 1)
        await until(serving, 1, "SELECT position FROM chain WHERE tenant_id = $1")
    await until(serving, 1, "SELECT count(*) FROM checkpoint WHERE tenant_id = $1")
    async with serving(checkpoint_seconds=3600):
        await until(serving, 2)  # the event that tells of it has come, and calls for no other
    async with db.connect(serving.url) as database, database.connection() as connection:
        rows = await connection.fetch("SELECT position FROM checkpoint WHERE tenant_id = $1", TENANT)
    assert [row["position"] for row in rows] == [1]


async def test_checkpoints_are_one_s_own_newest_first_a_page_at_a_time(serving, owners, publish, make_event, http):
    async with serving(checkpoint_seconds=1) as served:
        statement = "SELECT count(*) FROM checkpoint WHERE tenant_id = $1"
        for count in (1, 2, 3):
            await publish(make_event(after=1), make_event(after=1, tenant="e" * 32))
            await until(serving, count, statement)
        url, headers = f"{served.public_url}/v1/audit-checkpoints", {
            "Authorization": f"Bearer {owners.issuers[0].mint()}"
        }  # fmt: skip
        (key,) = (await (await http.get(f"{url}/keys")).json())["keys"]
        public, pages, cursor = jwt.PyJWK(key), [], ""
        while cursor is not None:
            params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            body = await (await http.get(url, params=params, headers=headers)).json()
            pages.append(body["data"])
            cursor = body["next_cursor"]
        shown = [one for page in pages for one in page]
        assert len(pages[0]) == 2
        assert [one["position"] for one in shown] == sorted((one["position"] for one in shown), reverse=True)
        for one in shown:
            assert jwt.get_unverified_header(one["signed"])["typ"] == Checkpoint.typ
            said = jwt.decode(one["signed"], public, ["EdDSA"])
            assert (said["tenant"], said["position"], said["digest"]) == (TENANT, one["position"], one["digest"])


@pytest.mark.parametrize("path", ["", "/entries"])
async def test_without_the_right_and_with_another_cursor_nothing_is_told(audit, owners, http, path):
    url = f"{audit.public_url}/v1/audit-checkpoints{path}"
    assert (await http.get(url)).status == 401
    headers = {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    for cursor in ("WzFd", "x", "WyJ4Il0", "Wy0xXQ", "WzkyMjMzNzIwMzY4NTQ3NzU4MDgwXQ"):
        answer = await http.get(url, params={"cursor": cursor}, headers=headers)
        assert answer.status == (200 if cursor == "WzFd" else 400), cursor
