"""A second secret beside the first: nothing dies, and the older one ends when it was said to."""

import contextlib
import hashlib

import pytest

from latchkey_client_registry.__main__ import DEFINITION
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.operator import ClientCompromised
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT, USER


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


async def test_a_second_secret_works_beside_the_first_and_kills_nothing(manage, made, owners, events):
    client = await made()
    status, shown = await manage("POST", f"/{client['id']}/secrets")
    assert status == 201
    told = owners.gates[-1]
    assert told.secret_hashes == (digest(client["client_secret"]), digest(shown["client_secret"]))
    assert (told.turn, told.revision) == (0, 2)
    first, second = shown["secrets"]
    assert told.secret_ids == (first["id"], second["id"]), "in the order of the hashes"
    assert (first["ends_at"], second["ends_at"]) == (None, None)
    assert second["ending"] == shown["client_secret"][-4:]
    added = {"client": client["id"], "secret_id": second["id"], "ending": second["ending"], "revision": 2}
    assert await events() == [("client.secret_added", TENANT, USER, added)]


async def test_a_third_secret_is_refused_until_one_is_retired(manage, made, owners):
    client = await made()
    _, shown = await manage("POST", f"/{client['id']}/secrets")
    status, problem = await manage("POST", f"/{client['id']}/secrets", {"overlap_seconds": 5})
    assert (status, problem["code"]) == (409, "no_secret_possible")
    assert len(owners.gates) == 2
    await manage("DELETE", f"/{client['id']}/secrets/{shown['secrets'][0]['id']}")
    assert (await manage("POST", f"/{client['id']}/secrets"))[0] == 201


async def test_a_retired_secret_is_dead_and_nothing_else_is(manage, made, owners, events):
    client = await made()
    _, shown = await manage("POST", f"/{client['id']}/secrets")
    first, second = shown["secrets"]
    status, left = await manage("DELETE", f"/{client['id']}/secrets/{first['id']}")
    assert status == 200
    assert [one["id"] for one in left["secrets"]] == [second["id"]]
    told = owners.gates[-1]
    assert (told.turn, told.revision, told.secret_hashes) == (0, 3, (digest(shown["client_secret"]),))
    retired = {"client": client["id"], "secret_id": first["id"], "ending": first["ending"], "revision": 3}
    assert (await events())[-1] == ("client.secret_retired", TENANT, USER, retired)


async def test_the_last_secret_cannot_be_retired(manage, made, gate):
    client = await made()
    _, shown = await manage("GET", f"/{client['id']}")
    status, problem = await manage("DELETE", f"/{client['id']}/secrets/{shown['secrets'][0]['id']}")
    assert (status, problem["code"]) == (409, "last_secret")
    assert len((await gate(client["id"])).secret_hashes) == 1


async def test_a_secret_that_is_not_the_clients_own_is_not_found(manage, made, gate):
    client, other = await made(), await made()
    _, theirs = await manage("POST", f"/{other['id']}/secrets")
    await manage("POST", f"/{client['id']}/secrets")
    for secret in (theirs["secrets"][0]["id"], "0" * 32, "nothing"):
        assert (await manage("DELETE", f"/{client['id']}/secrets/{secret}"))[0] == 404
    assert len((await gate(other["id"])).secret_hashes) == 2


async def test_the_older_secret_ends_by_itself_when_its_overlap_is_over(manage, made, owners, events):
    client = await made()
    status, shown = await manage("POST", f"/{client['id']}/secrets", {"overlap_seconds": 1})
    assert status == 201
    first, second = shown["secrets"]
    assert first["ends_at"] is not None
    assert second["ends_at"] is None
    await eventually(lambda: owners.newest(client["id"]).revision == 3)
    told = owners.newest(client["id"])
    assert (told.turn, told.secret_hashes) == (0, (digest(shown["client_secret"]),))
    retired = {"client": client["id"], "secret_id": first["id"], "ending": first["ending"], "revision": 3}
    assert (await events())[-1] == ("client.secret_retired", TENANT, None, retired)
    _, later = await manage("GET", f"/{client['id']}")
    assert [one["id"] for one in later["secrets"]] == [second["id"]]


async def test_several_instances_retire_an_ended_secret_once(
    manage, made, owners, events, registry, serving_service, clock
):
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(
                serving_service(
                    DEFINITION,
                    clock=clock,
                    database_url=registry.settings.database_url,
                    nats_url=registry.settings.nats_url,
                    auth_url=owners.url,
                    token_url=owners.url,
                    heads_urls=owners.url,
                    permissions_url=owners.url,
                )
            )
        clients = [await made() for _ in range(3)]
        for client in clients:
            await manage("POST", f"/{client['id']}/secrets", {"overlap_seconds": 1})
        await eventually(lambda: all(owners.newest(client["id"]).revision == 3 for client in clients))
    retired = [data["client"] for kind, _, _, data in await events() if kind == "client.secret_retired"]
    assert len(retired) == len(set(retired)) == 3


async def test_retiring_the_newer_secret_takes_the_end_from_the_older(manage, made, owners, gate):
    client = await made()
    _, shown = await manage("POST", f"/{client['id']}/secrets", {"overlap_seconds": 3600})
    first, second = shown["secrets"]
    status, left = await manage("DELETE", f"/{client['id']}/secrets/{second['id']}")
    assert status == 200
    assert [(one["id"], one["ends_at"]) for one in left["secrets"]] == [(first["id"], None)]
    assert (await gate(client["id"])).secret_hashes == (digest(client["client_secret"]),)


async def test_a_secret_that_the_token_service_was_not_told_of_is_pending(manage, made, owners):
    client = await made()
    owners.away.add(TokenApply.path)
    status, shown = await manage("POST", f"/{client['id']}/secrets")
    assert (status, shown["pending"]) == (202, True)
    assert shown["client_secret"].startswith("lk_cs_")


@pytest.mark.parametrize(
    "body",
    [{"overlap_seconds": 0}, {"overlap_seconds": -1}, {"overlap_seconds": 2**70}, {"overlap_seconds": 1.5},
     {"overlap_seconds": "1"}, {"overlap_seconds": 31 * 86_400}, {"overlap": 5}, [], "x"],
)  # fmt: skip
async def test_what_is_no_overlap_is_refused(manage, made, gate, body):
    client = await made()
    status, problem = await manage("POST", f"/{client['id']}/secrets", body)
    assert (status, problem["code"]) == (400, "invalid_request")
    assert len((await gate(client["id"])).secret_hashes) == 1


async def test_a_lifted_client_gets_its_first_secret_without_a_kill(manage, made, operator, gate):
    client = await made()
    for compromised in (True, False):
        await operator.ask(ClientCompromised(client=client["id"], compromised=compromised))
    status, shown = await manage("POST", f"/{client['id']}/secrets")
    known = await gate(client["id"])
    assert (status, known.turn, known.secret_hashes) == (201, 2, (digest(shown["client_secret"]),))
