"""Resource servers of others: rows that an operator adds and removes, and the doors that they open."""

import hashlib
import json

import aiohttp
import pytest

from latchkey_contracts.requests.resource_servers import (
    ResourceServerAdd,
    ResourceServerCheck,
    ResourceServerRemove,
    ResourceServersList,
)
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN
from latchkey_oauth.token_string import RESOURCE_SERVER_SECRET_PREFIX, is_opaque

REST = f"{ORIGIN}/v1"


@pytest.fixture
def operator(house, peer):
    return peer("operator", house.served.internal_url)


@pytest.fixture
def pull(house):
    """Ask heads for something as somebody; the status and the JSON."""

    async def ask(who, path="/feed", **params):
        given = {"after": "0", "verifier": "p", "applied": "0"} | params if path == "/feed" else {}
        headers = {"Authorization": aiohttp.encode_basic_auth(*who)}
        async with house.http.get(house.heads_url + path, params=given, headers=headers) as response:
            return response.status, json.loads(await response.text())

    return ask


async def refused(asking):
    with pytest.raises(PeerRefused) as raised:
        await asking
    return raised.value.problem.status, raised.value.problem.code


async def test_a_secret_is_shown_once_and_kept_as_a_hash(house, operator, resource_server):
    name, secret = await resource_server("crm-sync")
    assert is_opaque(RESOURCE_SERVER_SECRET_PREFIX, secret)
    listed = await operator.ask(ResourceServersList())
    assert [(one.name, one.audience) for one in listed.resource_servers] == [(name, REST)]
    stored = await house.sql("SELECT * FROM resource_server")
    assert secret.encode() not in str([dict(row) for row in stored]).encode()


async def test_names_and_audiences_that_cannot_work_are_refused(operator, resource_server, some_id):
    await resource_server("taken")
    for name, audience, expected in (
        ("taken", REST, (409, "name_taken")),
        ("New", REST, (400, "invalid_request")),
        ("a" * 64, REST, (400, "invalid_request")),
        (some_id(), REST, (400, "invalid_request")),
        ("records", REST, (400, "invalid_request")),
        ("new", "https://partner.example/api", (400, "invalid_request")),
        ("new", "", (400, "invalid_request")),
    ):
        assert await refused(operator.ask(ResourceServerAdd(name=name, audience=audience))) == expected, name
    assert await refused(operator.ask(ResourceServerRemove(name="unheard-of"))) == (404, "unknown_resource_server")


async def test_it_may_read_the_feed_and_the_keys(pull, resource_server):
    server = await resource_server()

    async def is_in():
        return (await pull(server))[0] == 200

    await eventually(is_in)
    assert "epoch" in (await pull(server))[1]
    assert len((await pull(server, "/oauth/jwks"))[1]["keys"]) == 2
    for wrong in ((server[0], "wrong"), ("stranger", server[1]), ("edge", server[1])):
        assert (await pull(wrong))[0] == 401


async def test_it_passes_for_none_of_our_own_verifiers(house, pull, resource_server):
    server = await resource_server()

    async def noted():
        await pull(server, verifier="records-1", applied="0")
        return [row["name"] for row in await house.sql("SELECT name FROM verifier WHERE name LIKE '%records-1'")]

    assert await eventually(noted) == ["partner:records-1"]


async def test_it_may_do_nothing_else_inside(house, resource_server):
    name, secret = await resource_server()
    headers = {"Authorization": aiohttp.encode_basic_auth(name, secret), "Content-Type": "application/json"}
    for path in (ResourceServersList.path, "/internal/token/apply", "/internal/grants", "/internal/keys/list"):
        async with house.http.post(house.served.internal_url + path, data=b"{}", headers=headers) as response:
            assert response.status == 401


async def test_once_removed_its_secret_opens_nothing(house, operator, pull, introspect, resource_server):
    server = await resource_server()
    token = (await house.connected(await house.app())).body["access_token"]

    async def answers(status):
        return (await pull(server))[0] == status and (await introspect(token, basic=server))[0] == status

    await eventually(lambda: answers(200))
    await operator.ask(ResourceServerRemove(name=server[0]))
    await eventually(lambda: answers(401))


async def test_only_the_operator_adds_one(house, peer):
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("records", house.served.internal_url).ask(ResourceServerAdd(name="x", audience=REST))


async def test_permissions_may_ask_whether_somebody_is_one(house, peer, resource_server):
    name, secret = await resource_server()
    permissions = peer("permissions", house.served.internal_url)
    for asked, given, known in (
        (name, secret, True),
        (name, "guess", False),
        ("nobody", secret, False),
        ("", "", False),
    ):
        digest = hashlib.sha256(given.encode()).hexdigest()
        assert (await permissions.ask(ResourceServerCheck(name=asked, digest=digest))).known is known
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("auth", house.served.internal_url).ask(ResourceServerCheck(name=name, digest="a" * 64))
