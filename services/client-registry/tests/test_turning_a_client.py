"""What kills, bars and lifts a client: its gate, its event, and what the token service is told at once."""

import hashlib

import msgspec
import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.operator import ClientCompromised
from latchkey_contracts.requests.permissions import CeilingGet
from latchkey_kit.requests import PeerRefused
from latchkey_verify.testing import TENANT, USER, rights

IN_FORCE = "2026-11-22T12:00:00Z"


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


async def test_regenerating_kills_every_old_secret_and_shows_the_new_one_once(manage, made, owners, events):
    client = await made()
    await manage("POST", f"/{client['id']}/secrets")
    status, shown = await manage("POST", f"/{client['id']}/regenerate")
    assert (status, shown["effective_at"]) == (200, IN_FORCE)
    assert "pending" not in shown
    told = owners.gates[-1]
    assert told.secret_hashes == (digest(shown["client_secret"]),)
    assert (told.turn, told.barred, told.reason, told.by) == (1, False, "client.secret_rotated", USER)
    assert told.revision == shown["revision"] > owners.gates[-2].revision
    turned = {"client": client["id"], "turn": 1, "barred": False}
    assert (await events())[-1] == ("client.secret_rotated", TENANT, USER, turned)
    _, again = await manage("GET", f"/{client['id']}")
    assert "client_secret" not in again
    assert [one["ending"] for one in again["secrets"]] == [shown["client_secret"][-4:]]


async def test_token_service_out_of_reach_leaves_the_regenerated_secret_in_a_pending_answer(manage, made, owners, gate):
    client = await made()
    owners.away |= {TokenApply.path, CeilingGet.path}
    status, shown = await manage("POST", f"/{client['id']}/regenerate")
    assert (status, shown["pending"]) == (202, True)
    assert "effective_at" not in shown
    assert (await gate(client["id"])).secret_hashes == (digest(shown["client_secret"]),)


@pytest.mark.parametrize("verb", ["disable", "enable", "regenerate", "secrets", "block"])
async def test_a_client_of_another_tenant_is_not_found_and_does_not_change(manage, made, gate, verb):
    client = await made()
    before = await gate(client["id"])
    status, problem = await manage("POST", f"/{client['id']}/{verb}", tid="9" * 32)
    assert (status, problem["code"]) == (404, "not_found")
    assert await gate(client["id"]) == before


@pytest.mark.parametrize("verb", ["disable", "enable", "regenerate", "secrets", "block"])
async def test_an_unknown_client_and_what_is_no_id_are_not_found(manage, verb):
    for client in ("0" * 32, "nobody", "%00", "' OR 1=1"):
        assert (await manage("POST", f"/{client}/{verb}"))[0] in {400, 404}


async def test_a_disabled_client_is_barred_and_unknown_to_users_until_enabled(manage, made, owners, seen, events):
    client = await made()
    status, shown = await manage("POST", f"/{client['id']}/disable")
    assert (status, shown["status"], shown["effective_at"]) == (200, "disabled", IN_FORCE)
    told = owners.gates[-1]
    assert (told.turn, told.barred, told.reason) == (1, True, "client.disabled")
    assert await seen(client["id"]) == await seen("0" * 32)
    status, shown = await manage("POST", f"/{client['id']}/enable")
    assert (status, shown["status"]) == (200, "active")
    told = owners.gates[-1]
    assert (told.turn, told.barred, told.reason) == (2, False, "client.enabled")
    assert told.secret_hashes == (digest(client["client_secret"]),)
    known = await seen(client["id"])
    assert (known.client.turn, known.usable_in) == (2, (TENANT,))
    assert [(kind, data["turn"], data["barred"]) for kind, _, _, data in await events()] == [
        ("client.disabled", 1, True), ("client.enabled", 2, False)
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["disable", "enable"])
async def test_what_stands_so_already_moves_no_turn_but_is_told_again(manage, made, owners, events, verb):
    client = await made()
    await manage("POST", f"/{client['id']}/{verb}")
    before, told, written = owners.gates[-1], len(owners.gates), await events()
    status, _ = await manage("POST", f"/{client['id']}/{verb}")
    assert status == 200
    assert owners.gates[told:] == [before]
    assert await events() == written


async def test_what_the_token_service_missed_is_told_by_the_same_request_again(manage, made, owners):
    client = await made()
    owners.away.add(TokenApply.path)
    status, shown = await manage("POST", f"/{client['id']}/disable")
    assert (status, shown["pending"], shown["status"]) == (202, True, "disabled")
    owners.away.clear()
    status, shown = await manage("POST", f"/{client['id']}/disable")
    assert (status, shown["effective_at"]) == (200, IN_FORCE)
    assert (owners.gates[-1].turn, owners.gates[-1].barred) == (1, True)


async def test_a_deleted_client_is_gone_but_its_barred_gate_stays(manage, made, owners, seen, gate, events):
    client, other = await made(), await made(name="Other")
    status, shown = await manage("DELETE", f"/{client['id']}")
    assert (status, shown["status"], shown["effective_at"]) == (200, "deleted", IN_FORCE)
    known = await gate(client["id"])
    assert (known.turn, known.barred, known.reason, known.secret_hashes) == (1, True, "client.deleted", ())
    assert owners.gates[-1] == known
    assert await seen(client["id"]) == await seen("0" * 32)
    assert [one["id"] for one in (await manage("GET"))[1]["data"]] == [other["id"]]
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"name": "Back"}), ("DELETE", "", None), ("POST", "/enable", None),
        ("POST", "/regenerate", None), ("POST", "/secrets", None), ("POST", "/block", None), ("DELETE", "/block", None),
        ("PATCH", "", {"permissions": {"company": ["view"]}}),
    ):  # fmt: skip
        assert (await manage(method, f"/{client['id']}{path}", body))[0] == 404, (method, path)
    assert await gate(client["id"]) == known
    assert [kind for kind, *_ in await events()] == ["client.deleted"]


async def test_the_operator_can_make_a_client_anew_under_the_name_of_a_deleted_one(manage, published):
    first = await published(TENANT)
    assert await published(TENANT) == first
    await manage("DELETE", f"/{first}")
    assert await published(TENANT) != first


async def test_a_compromised_client_loses_every_secret_and_is_barred_until_lifted(manage, made, operator, gate, seen):
    client = await made()
    await manage("POST", f"/{client['id']}/secrets")
    done = await operator.ask(ClientCompromised(client=client["id"], compromised=True))
    assert (done.changed, done.pending, done.effective_at is not None) == (True, False, True)
    known = await gate(client["id"])
    assert (known.turn, known.barred, known.reason, known.by) == (1, True, "client.compromised", None)
    assert known.secret_hashes == ()
    assert (await seen(client["id"])).client is None
    assert (await manage("GET", f"/{client['id']}"))[1]["status"] == "compromised"
    for verb in ("regenerate", "secrets"):
        assert (await manage("POST", f"/{client['id']}/{verb}"))[0] == 409
    lifted = await operator.ask(ClientCompromised(client=client["id"], compromised=False))
    assert lifted.changed
    known = await gate(client["id"])
    assert (known.turn, known.barred, known.secret_hashes) == (2, False, ())
    status, shown = await manage("POST", f"/{client['id']}/regenerate")
    assert status == 200
    assert (await gate(client["id"])).secret_hashes == (digest(shown["client_secret"]),)


async def test_declaring_twice_moves_no_turn_and_events_tell_of_both_ends(made, operator, gate, events):
    client = await made()
    answers = [
        (await operator.ask(ClientCompromised(client=client["id"], compromised=compromised))).changed
        for compromised in (False, True, True, False, False)
    ]
    assert answers == [False, True, False, True, False]
    assert (await gate(client["id"])).turn == 2
    assert [(kind, tenant, user, data["barred"]) for kind, tenant, user, data in await events()] == [
        ("client.compromised", TENANT, None, True), ("client.lifted", TENANT, None, False)
    ]  # fmt: skip


async def test_who_enables_a_compromised_client_does_not_lift_it(manage, made, operator, gate, events):
    client = await made()
    await manage("POST", f"/{client['id']}/disable")
    await operator.ask(ClientCompromised(client=client["id"], compromised=True))
    await manage("POST", f"/{client['id']}/enable")
    assert (await gate(client["id"])).barred
    await operator.ask(ClientCompromised(client=client["id"], compromised=False))
    assert not (await gate(client["id"])).barred
    assert [(kind, data["turn"], data["barred"]) for kind, _, _, data in await events()] == [
        ("client.disabled", 1, True), ("client.compromised", 2, True),
        ("client.enabled", 3, True), ("client.lifted", 4, False),
    ]  # fmt: skip


async def test_only_the_operator_declares_and_only_what_is_there(made, manage, operator, registry, peer):
    client = await made()
    ask = ClientCompromised(client=client["id"], compromised=True)
    with pytest.raises(Exception, match="caller_not_allowed"):
        await peer("auth", registry.internal_url).ask(ask)
    await manage("DELETE", f"/{client['id']}")
    for gone in (client["id"], "0" * 32):
        with pytest.raises(PeerRefused):
            await operator.ask(ClientCompromised(client=gone, compromised=True))


async def test_a_client_made_public_loses_its_secrets_and_its_connections(manage, made, owners, events):
    client = await made(client_credentials=True)
    status, shown = await manage("PATCH", f"/{client['id']}", {"type": "public", "name": "Open"})
    assert (status, shown["type"], shown["secrets"], shown["effective_at"]) == (200, "public", [], IN_FORCE)
    told = owners.gates[-1]
    assert (told.turn, told.client_type, told.secret_hashes, told.reason) == (1, "public", (), "client.made_public")
    assert (told.barred, told.client_credentials) == (False, False)
    found = await events()
    assert [kind for kind, *_ in found] == ["client.made_public", "client.updated"]
    assert found[1][3]["changed"] == ["name"]
    assert (await manage("POST", f"/{client['id']}/regenerate"))[0] == 409
    assert (await manage("POST", f"/{client['id']}/secrets"))[0] == 409


async def test_a_public_client_made_confidential_is_shown_a_secret_and_nothing_dies(manage, made, owners, events):
    client = await made(type="public")
    owners.away.add(CeilingGet.path)
    status, shown = await manage("PATCH", f"/{client['id']}", {"type": "confidential"})
    assert (status, shown["type"]) == (200, "confidential")
    told = owners.gates[-1]
    assert (told.turn, told.client_type, told.secret_hashes) == (0, "confidential", (digest(shown["client_secret"]),))
    found = await events()
    assert [kind for kind, *_ in found] == ["client.secret_added", "client.updated"]
    assert found[1][3]["changed"] == ["type"]


async def test_a_compromised_public_client_is_given_no_secret(manage, made, operator, owners):
    client = await made(type="public")
    await operator.ask(ClientCompromised(client=client["id"], compromised=True))
    change = {"type": "confidential", "permissions": {"company": ["view", "update"]}}
    status, problem = await manage("PATCH", f"/{client['id']}", change)
    assert (status, problem["code"]) == (409, "no_secret_possible")
    assert owners.ceilings[client["id"]] == {"company": ("view",)}


async def test_the_type_that_it_has_already_changes_nothing(manage, made, owners, events):
    client = await made()
    _, shown = await manage("PATCH", f"/{client['id']}", {"type": "confidential"})
    assert (shown["revision"], "client_secret" in shown, await events()) == (1, False, [])
    assert owners.gates[-1].secret_hashes == (digest(client["client_secret"]),)


async def test_no_event_and_no_later_answer_holds_a_secret_or_its_hash(manage, made, operator, events):
    client = await made()
    _, again = await manage("POST", f"/{client['id']}/regenerate")
    _, more = await manage("POST", f"/{client['id']}/secrets")
    secrets = [one["client_secret"] for one in (client, again, more)]
    assert len(set(secrets)) == 3
    await operator.ask(ClientCompromised(client=client["id"], compromised=True))
    words = msgspec.json.encode([await events(), await manage("GET", f"/{client['id']}")]).decode()
    for secret in secrets:
        assert secret not in words
        assert digest(secret) not in words


async def test_one_who_may_not_update_or_remove_turns_nothing(manage, made, owners, gate):
    client = await made()
    viewer = {"oauthclient": ["view", "create"]}
    owners.rights = rights(viewer, viewer, viewer)
    for method, path in (
        ("POST", "/disable"), ("POST", "/enable"), ("POST", "/regenerate"), ("POST", "/secrets"), ("DELETE", ""),
        ("DELETE", f"/secrets/{'0' * 32}"), ("POST", "/block"), ("DELETE", "/block"),
    ):  # fmt: skip
        status, problem = await manage(method, f"/{client['id']}{path}", sub="5" * 32)
        assert (status, problem["code"]) == (403, "insufficient_scope"), path
    assert (await gate(client["id"])).turn == 0


async def test_a_bearer_that_dies_before_the_commit_changes_nothing(manage, made, owners, events):
    client = await made()

    async def die():
        owners.kill()
        await owners.asked_again("/feed", 3)

    owners.before_ceiling = die
    change = {"type": "public", "permissions": {"company": ["view"]}}
    status, _ = await manage("PATCH", f"/{client['id']}", change)
    assert status == 401
    assert await events() == []
