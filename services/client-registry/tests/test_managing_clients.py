import hashlib

import asyncpg
import msgspec
import pytest

from latchkey_contracts.requests.clients import ClientsGet, GateGet
from latchkey_contracts.requests.console import LabsOf
from latchkey_contracts.requests.operator import LabsPut
from latchkey_kit.requests import PeerUnavailable
from latchkey_verify.testing import TENANT, rights

REDIRECT = "https://app.example/callback"
NEW = {"name": "Sync", "redirect_uris": [REDIRECT], "permissions": {"company": ["view"]}}
OTHER_TENANT = "9" * 32


async def test_the_secret_is_shown_once_and_kept_as_a_hash(manage, gate):
    status, made = await manage("POST", "", NEW)
    assert status == 201
    secret = made["client_secret"]
    assert secret.startswith("lk_cs_")
    known = await gate(made["id"])
    assert known.secret_hashes == (hashlib.sha256(secret.encode()).hexdigest(),)
    for path in (f"/{made['id']}", ""):
        _, shown = await manage("GET", path)
        assert secret not in msgspec.json.encode(shown).decode()


async def test_a_public_client_has_no_secret(manage, gate):
    _, made = await manage("POST", "", NEW | {"type": "public"})
    assert "client_secret" not in made
    assert (await gate(made["id"])).secret_hashes == ()


async def test_the_token_service_learns_of_a_new_client_and_of_each_change(manage, owners):
    _, made = await manage("POST", "", NEW)
    await manage("PATCH", f"/{made['id']}", {"proof": "secret"})
    assert [(known.client, known.revision, known.proof) for known in owners.gates] == [
        (made["id"], 1, "both"), (made["id"], 2, "secret")
    ]  # fmt: skip


async def test_a_client_is_made_though_the_token_service_is_away(manage, owners):
    owners.away.add("/internal/token/apply")
    status, _ = await manage("POST", "", NEW)
    assert status == 201


async def test_the_claude_preset_brings_its_redirect_urls_and_its_retry_window(manage, gate):
    _, made = await manage("POST", "", NEW | {"preset": "claude"})
    assert made["redirect_uris"] == [
        "https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback", REDIRECT
    ]  # fmt: skip
    known = await gate(made["id"])
    assert (known.retry_window, known.default_audience) == (30, "mcp")


async def test_an_ordinary_client_is_strict_and_for_both_audiences(manage, gate):
    _, made = await manage("POST", "", NEW)
    known = await gate(made["id"])
    assert (known.retry_window, known.default_audience) == (0, "both")


async def test_redirect_urls_can_be_changed_afterwards(manage):
    _, made = await manage("POST", "", NEW)
    added = [REDIRECT, "https://chatgpt.com/connector/oauth/abc"]
    status, changed = await manage("PATCH", f"/{made['id']}", {"redirect_uris": added})
    assert status == 200
    assert changed["redirect_uris"] == added
    assert changed["name"] == "Sync"


async def test_permissions_are_handed_to_their_owner(manage, owners):
    _, made = await manage("POST", "", NEW)
    await manage("PATCH", f"/{made['id']}", {"permissions": {"company": ["view", "update"]}})
    assert owners.ceilings[made["id"]] == {"company": ("view", "update")}
    _, shown = await manage("GET", f"/{made['id']}")
    assert shown["permissions"] == {"company": ["view", "update"]}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"redirect_uris": ["http://app.example/cb"]}, "/redirect_uris/0"),
        ({"redirect_uris": [REDIRECT, "https://app.example/#x"]}, "/redirect_uris/1"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris/0"),
        ({"redirect_uris": [f"{REDIRECT}/{n}" for n in range(51)]}, "/redirect_uris"),
        ({"permissions": {"spaceship": ["view"]}}, "/permissions"),
        ({"name": ""}, "/name"),
        ({"name": "a\x00b"}, None),
        ({"name": "x" * 101}, "/name"),
        ({"name": "a\n"}, "/name"),
        ({"type": "dynamic"}, "/type"),
        ({"secret": "mine"}, ""),
        ({"tenant": OTHER_TENANT}, ""),
    ],
)
async def test_what_cannot_be_registered_is_named(manage, change, pointer):
    status, problem = await manage("POST", "", NEW | change)
    assert status == 400
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer
    _, listed = await manage("GET")
    assert listed["data"] == []


async def test_another_tenants_client_is_not_found_by_any_verb(manage):
    _, made = await manage("POST", "", NEW)
    strangers = {"tid": OTHER_TENANT}
    unknown = await manage("GET", f"/{'0' * 32}", **strangers)
    assert unknown[0] == 404
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"})):
        status, problem = await manage(method, f"/{made['id']}", body, **strangers)
        assert (status, problem["code"], problem["title"]) == (404, unknown[1]["code"], unknown[1]["title"])
    assert (await manage("GET", "", **strangers))[1]["data"] == []
    assert (await manage("GET", f"/{made['id']}"))[1]["name"] == "Sync"


async def test_each_verb_needs_its_own_right(manage, owners):
    _, made = await manage("POST", "", NEW)
    viewer = {"oauthclient": ["view"]}
    owners.rights = rights(viewer, viewer, viewer)
    assert (await manage("POST", "", NEW, sub="5" * 32))[0] == 403
    assert (await manage("PATCH", f"/{made['id']}", {"name": "x"}, sub="5" * 32))[0] == 403
    assert (await manage("GET", f"/{made['id']}", sub="5" * 32))[0] == 200


async def test_without_labs_no_client_is_made(manage, registry, peer):
    await peer("operator", registry.internal_url).ask(LabsPut(tenant=TENANT, on=False))
    status, problem = await manage("POST", "", NEW)
    assert (status, problem["code"]) == (403, "labs_off")


async def test_the_console_is_told_how_labs_stand(registry, peer):
    async def on(tenant):
        return (await peer("console", registry.internal_url).ask(LabsOf(tenant=tenant))).on

    assert (await on(TENANT), await on(OTHER_TENANT)) == (True, False)


async def test_a_list_is_walked_by_its_cursor(manage, clock):
    ids = []
    for number in range(5):
        clock.advance(0.01)
        ids.append((await manage("POST", "", NEW | {"name": f"App {number}"}))[1]["id"])
    _, first = await manage("GET", "?limit=3")
    _, rest = await manage("GET", f"?limit=3&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["data"] + rest["data"]] == ids
    assert rest["next_cursor"] is None


async def test_events_tell_what_changed_and_no_secret(manage, registry):
    _, made = await manage("POST", "", NEW)
    await manage("PATCH", f"/{made['id']}", {"name": "Sync 2"})
    connection = await asyncpg.connect(registry.settings.database_url.reveal())
    try:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at")
    finally:
        await connection.close()
    events = [msgspec.json.decode(row["body"]) for row in rows]
    assert [event["type"] for event in events] == ["labs.changed", "client.created", "client.updated"]
    assert events[2]["data"]["changed"] == ["name"]
    written = b"".join(row["body"] for row in rows).decode()
    assert made["client_secret"] not in written
    assert hashlib.sha256(made["client_secret"].encode()).hexdigest() not in written


async def test_a_private_client_is_usable_in_its_own_tenant_only(manage, registry, peer):
    _, made = await manage("POST", "", NEW)
    await peer("operator", registry.internal_url).ask(LabsPut(tenant=OTHER_TENANT, on=True))
    answer = await peer("auth", registry.internal_url).ask(
        ClientsGet(client=made["id"], tenants=(TENANT, OTHER_TENANT))
    )
    assert answer.usable_in == (TENANT,)


@pytest.mark.parametrize("client", ["", "nobody", "0" * 32, "' OR 1=1", "A" * 5000])
async def test_an_unknown_client_is_none(registry, peer, client):
    answer = await peer("auth", registry.internal_url).ask(ClientsGet(client=client, tenants=(TENANT,)))
    assert answer.client is None


async def test_only_the_service_that_needs_a_gate_gets_it(registry, peer, manage):
    _, made = await manage("POST", "", NEW)
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("auth", registry.internal_url).ask(GateGet(client=made["id"]))
