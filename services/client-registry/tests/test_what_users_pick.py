"""Ceilings with fields and their bounds, users who may leave things out, and clients without a ceiling."""

import asyncio

import pytest

from latchkey_contracts.requests.operator import ClientDynamic
from latchkey_contracts.requests.permissions import CeilingGet, CeilingPut
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Document, FieldError
from latchkey_verify.testing import CLIENT, TENANT, USER

FIELDS = {"company": {"view": "*", "update": ["name", "phase"], "export": {"except": ["arr"]}}}


async def test_permissions_go_down_to_fields_in_every_verb(manage, made, owners):
    client = await made(permissions=FIELDS)
    assert client["permissions"] == FIELDS
    narrower = {"company": {"view": ["name"]}, "task": ["view"]}
    _, edited = await manage("PATCH", f"/{client['id']}", {"permissions": narrower})
    assert edited["permissions"] == narrower
    assert owners.ceilings[client["id"]] == {"company": {"view": ("name",)}, "task": ("view",)}
    assert (await manage("GET", f"/{client['id']}"))[1]["permissions"] == narrower


async def test_who_sets_permissions_is_told_to_their_owner_and_the_operator_is_nobody(manage, made, owners, published):
    client = await made()
    await manage("PATCH", f"/{client['id']}", {"permissions": FIELDS}, sub="5" * 32)
    await published(TENANT)
    assert [asked.actor for asked in owners.ceiling_puts] == [USER, "5" * 32, None]
    assert [asked.through for asked in owners.ceiling_puts] == [CLIENT, CLIENT, None]
    assert {asked.dynamic for asked in owners.ceiling_puts} == {None}


@pytest.mark.parametrize("status", [400, 403])
async def test_what_permissions_refuse_is_passed_on_by_name_and_nothing_changes(manage, made, owners, events, status):
    client = await made()
    errors = (
        FieldError(pointer="/permissions/company/update/1", message="Company has no field called colour."),
        FieldError(pointer="/permissions/asset", message="There is no data model called asset."),
    )
    code = {400: "invalid_request", 403: "beyond_yourself"}[status]
    owners.refuses_ceilings = Document(status=status, title="No.", code=code, detail="Not that.", errors=errors)
    change = {"name": "Other", "permissions": FIELDS}
    for method, path, body in (
        ("POST", "", change | {"redirect_uris": ["https://app.example/callback"]}),
        ("PATCH", f"/{client['id']}", change),
    ):
        answered, problem = await manage(method, path, body)
        assert (answered, problem["code"], problem["detail"]) == (status, code, "Not that.")
        assert [one["pointer"] for one in problem["errors"]] == [one.pointer for one in errors]
    assert [one["name"] for one in (await manage("GET"))[1]["data"]] == ["Sync"]
    assert await events() == []


async def test_permissions_away_is_no_answer_and_nothing_changes(manage, made, owners, events):
    client = await made()
    owners.away.add(CeilingPut.path)
    status, _ = await manage("PATCH", f"/{client['id']}", {"name": "Other", "permissions": FIELDS})
    assert status == 503
    assert (await manage("GET"))[1]["data"][0]["name"] == "Sync"
    assert await events() == []


@pytest.mark.parametrize(
    "permissions", [{"company": 5}, {"company": {"view": 5}}, {"company": {"view": {"except": "arr"}}}, ["company"], 7]
)
async def test_what_has_not_the_shape_of_permissions_is_named(manage, owners, permissions):
    new = {"name": "Sync", "redirect_uris": ["https://app.example/callback"], "permissions": permissions}
    status, problem = await manage("POST", "", new)
    assert status == 400
    assert problem["errors"][0]["pointer"].startswith("/permissions")
    assert owners.ceilings == {}


async def test_an_admin_lets_users_leave_things_out_and_auth_learns_of_it(manage, made, seen, events):
    plain, narrowing = await made(), await made(name="Picky", narrowing=True)
    assert (plain["narrowing"], plain["dynamic"], narrowing["narrowing"]) == (False, False, True)
    assert (await seen(narrowing["id"])).client.narrowing
    status, shown = await manage("PATCH", f"/{plain['id']}", {"narrowing": True})
    assert (status, shown["narrowing"], shown["revision"]) == (200, True, 2)
    known = (await seen(plain["id"])).client
    assert (known.narrowing, known.dynamic, known.revision) == (True, False, 2)
    assert [(kind, data["changed"]) for kind, _, _, data in await events()] == [("client.updated", ["narrowing"])]
    await manage("PATCH", f"/{plain['id']}", {"narrowing": False})
    assert not (await seen(plain["id"])).client.narrowing


@pytest.mark.parametrize("body", [{"narrowing": None}, {"narrowing": "yes"}, {"dynamic": True}])
async def test_admins_can_not_switch_what_is_not_theirs(manage, made, seen, body):
    client = await made()
    assert (await manage("PATCH", f"/{client['id']}", body))[0] == 400
    known = (await seen(client["id"])).client
    assert (known.narrowing, known.dynamic, known.revision) == (False, False, 1)


async def test_staff_make_a_client_dynamic_and_permissions_auth_and_events_tell(
    manage, made, operator, owners, seen, events, gate
):
    client = await made(permissions=FIELDS)
    before = owners.ceilings[client["id"]]
    for dynamic, revision in ((True, 2), (False, 3)):
        await operator.ask(ClientDynamic(client=client["id"], dynamic=dynamic))
        assert (client["id"] in owners.dynamic) is dynamic
        assert owners.ceilings[client["id"]] == before
        known = (await seen(client["id"])).client
        assert (known.dynamic, known.revision) == (dynamic, revision)
        assert (await manage("GET", f"/{client['id']}"))[1]["dynamic"] is dynamic
        assert (await gate(client["id"])) == owners.newest(client["id"])
    assert [(kind, tenant, user, data) for kind, tenant, user, data in await events()] == [
        (
            "client.updated", TENANT, None,
            {
                "client": client["id"], "changed": ["dynamic"], "revision": revision,
                "changes": [{"field": "dynamic", "before": not dynamic, "after": dynamic}],
            },
        )
        for revision, dynamic in ((2, True), (3, False))
    ]  # fmt: skip


async def test_what_stands_so_already_is_told_again_and_is_no_change(made, operator, owners, seen, events):
    client = await made()
    await operator.ask(ClientDynamic(client=client["id"], dynamic=True))
    owners.dynamic.clear()
    await operator.ask(ClientDynamic(client=client["id"], dynamic=True))
    assert owners.dynamic == {client["id"]}
    assert ((await seen(client["id"])).client.revision, len(await events())) == (2, 1)


@pytest.mark.parametrize("away", [CeilingGet.path, CeilingPut.path])
async def test_permissions_away_switches_nothing(made, operator, owners, seen, events, away):
    client = await made()
    owners.away.add(away)
    with pytest.raises(PeerUnavailable):
        await operator.ask(ClientDynamic(client=client["id"], dynamic=True))
    assert not (await seen(client["id"])).client.dynamic
    assert await events() == []


async def test_a_client_with_tokens_of_its_own_is_never_dynamic(manage, made, operator, owners):
    client = await made(client_credentials=True)
    with pytest.raises(PeerRefused) as refused:
        await operator.ask(ClientDynamic(client=client["id"], dynamic=True))
    assert (refused.value.problem.status, refused.value.problem.code) == (409, "has_own_tokens")
    assert owners.dynamic == set()
    await manage("PATCH", f"/{client['id']}", {"client_credentials": False})
    await operator.ask(ClientDynamic(client=client["id"], dynamic=True))
    status, problem = await manage("PATCH", f"/{client['id']}", {"client_credentials": True})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/client_credentials")


async def test_only_the_operator_switches_and_only_what_is_there(made, manage, operator, registry, peer):
    client = await made()
    ask = ClientDynamic(client=client["id"], dynamic=True)
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("auth", registry.internal_url).ask(ask)
    await manage("DELETE", f"/{client['id']}")
    for gone in (client["id"], "0" * 32):
        with pytest.raises(PeerRefused):
            await operator.ask(ClientDynamic(client=gone, dynamic=True))


async def test_a_switch_beside_an_admins_edit_brings_no_old_ceiling_back(manage, made, operator, owners):
    """The switch sends the ceiling along: had it looked before the edit, it would undo it."""
    client = await made(permissions=FIELDS)
    for number in range(5):
        narrower = {"company": {"view": [f"field{number}"]}}
        (status, _), _ = await asyncio.gather(
            manage("PATCH", f"/{client['id']}", {"permissions": narrower}),
            operator.ask(ClientDynamic(client=client["id"], dynamic=number % 2 == 0)),
        )
        assert status == 200
        assert owners.ceilings[client["id"]] == {"company": {"view": (f"field{number}",)}}
