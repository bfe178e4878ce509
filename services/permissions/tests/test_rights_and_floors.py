import asyncio
import contextlib

import msgspec
import pytest
from nats.js.errors import NotFoundError

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.feed import assignment_key
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.permissions import CeilingGet
from latchkey_kit import db
from latchkey_kit.messaging import bus
from latchkey_kit.requests import PeerRefused
from latchkey_kit.testing import eventually
from latchkey_policy.permissions import PermissionSet


async def _granted(house):
    await house.ceiling({"company": ("view", "update"), "asset": ("view",)})
    role = await house.role({"company": ("view", "update")})
    await house.assign(role)
    return role, (await house.resolve("inclusive")).document


async def _query(house, statement):
    async with db.connect(house.served.settings.database_url.reveal()) as database, database.connection() as connection:
        return await connection.fetch(statement)


async def _events(house):
    rows = await _query(house, "SELECT body FROM outbox ORDER BY created_at, id")
    found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
    return [(event.type, event.subject, event.tenantid) for event in found if event.type != "catalogue.registered"]


async def test_a_verifier_gets_all_parts_at_their_revisions(house):
    role, document = await _granted(house)
    rights = await house.rights(document)
    assert (rights.ceiling.key, rights.ceiling.revision) == (house.claude, 1)
    assert PermissionSet.decode(bytes(rights.ceiling.permissions)).scopes() == (
        "asset:view", "company:update", "company:view",
    )  # fmt: skip
    assert (rights.role.key, rights.role.revision) == (role, 1)
    assert PermissionSet.decode(bytes(rights.role.permissions)).scopes() == ("company:update", "company:view")
    assert (rights.assignment, rights.portfolio) == (1, "own")


async def test_every_change_moves_its_revision_and_its_floor(house, token):
    role, document = await _granted(house)
    await house.ceiling({"company": ("view",)})
    await house.role({"company": ("view",)}, portfolio="all")
    other = await house.role({"company": ("view",)}, name="Other")
    await house.assign(other)
    rights = await house.rights(document)
    assert (rights.ceiling.revision, rights.assignment, rights.role.key) == (2, 2, other)
    assert token.floors == {
        ("ceiling", house.claude): 2,
        ("role", role): 2,
        ("role", other): 1,
        ("assignment", assignment_key(house.acme, house.sam)): 2,
    }
    assert await _events(house) == [
        ("ceiling.changed", house.claude, house.acme),
        ("role.changed", role, house.acme),
        ("role.assigned", role, house.acme),
        ("ceiling.changed", house.claude, house.acme),
        ("role.changed", role, house.acme),
        ("role.changed", other, house.acme),
        ("role.assigned", other, house.acme),
    ]
    assert await _query(house, "SELECT * FROM pending_floor") == []


async def test_the_same_again_moves_nothing(house):
    role, document = await _granted(house)
    before = await _events(house)
    await house.ceiling({"asset": ("view",), "company": ("update", "view", "view")})
    assert await house.role({"company": ("update", "view")}) == role
    await house.assign(role)
    rights = await house.rights(document)
    assert (rights.ceiling.revision, rights.role.revision, rights.assignment) == (1, 1, 1)
    assert await _events(house) == before


async def test_a_change_made_while_the_token_service_is_away_stands_and_arrives_later(house, token):
    token.away.add(TokenApply.path)
    role, document = await _granted(house)
    await house.ceiling({"company": ("view",)})
    assert (await house.rights(document)).ceiling.revision == 2
    assert token.floors == {}
    await eventually(lambda: token.asked[TokenApply.path] > 5)
    token.away.clear()
    wanted = {
        ("ceiling", house.claude): 2,
        ("role", role): 1,
        ("assignment", assignment_key(house.acme, house.sam)): 1,
    }
    await eventually(lambda: token.floors == wanted)

    async def nothing_waits():
        return await _query(house, "SELECT * FROM pending_floor") == []

    await eventually(nothing_waits)


async def test_a_user_without_a_role_and_a_client_without_a_ceiling_have_nothing(house):
    _, document = await _granted(house)
    rights = await house.rights(document, user=house.carly, client="f" * 32)
    assert (rights.role, rights.assignment, rights.portfolio) == (None, 0, "own")
    assert (rights.ceiling.key, rights.ceiling.revision, bytes(rights.ceiling.permissions)) == ("f" * 32, 0, b"{}")


async def test_a_document_of_another_tenant_is_not_found(house):
    _, document = await _granted(house)
    for change in ({"tenant": house.globex}, {"document": "0" * 64}):
        with pytest.raises(PeerRefused) as refused:
            await house.rights(**({"document": document} | change))
        assert refused.value.problem.status == 404


async def test_a_role_of_another_tenant_cannot_be_assigned(house):
    role = await house.role({"company": ("view",)}, tenant=house.globex)
    for unknown in (role, "f" * 32):
        with pytest.raises(PeerRefused) as refused:
            await house.assign(unknown)
        assert refused.value.problem.status == 404


async def test_two_tenants_may_have_roles_of_one_name(house):
    one = await house.role({"company": ("view",)})
    two = await house.role({"company": ("remove",)}, tenant=house.globex)
    assert one != two
    assert await house.role({"company": ("view",)}) == one


async def test_a_ceiling_is_shown_to_its_tenant_and_changed_by_no_other(house):
    await house.ceiling({"company": ("view", "remove")})
    registry = house.caller("client-registry")
    shown = await registry.ask(CeilingGet(tenant=house.acme, client=house.claude))
    assert shown.permissions == {"company": ("remove", "view")}
    with pytest.raises(PeerRefused) as refused:
        await registry.ask(CeilingGet(tenant=house.globex, client=house.claude))
    assert refused.value.problem.status == 404
    with pytest.raises(PeerRefused) as refused:
        await house.ceiling({"asset": ("view",)}, tenant=house.globex)
    assert refused.value.problem.status == 404
    shown = await registry.ask(CeilingGet(tenant=house.acme, client=house.claude))
    assert shown.permissions == {"company": ("remove", "view")}


async def test_unknown_names_in_a_ceiling_or_a_role_are_refused_by_name(house, token):
    written = {"planet": ("view",), "company": ("view", "fly")}
    for change in (house.ceiling(written), house.role(written)):
        with pytest.raises(PeerRefused) as refused:
            await change
        assert refused.value.problem.status == 400
        assert {error.pointer: error.message for error in refused.value.problem.errors} == {
            "/permissions/planet": "There is no data model called planet.",
            "/permissions/company/1": "The model company has no action called fly.",
        }
    assert token.floors == {}
    assert await _events(house) == []


async def test_management_rights_need_no_resource_server(empty_house):
    await empty_house.ceiling({"auditlog": ("view",), "oauthclient": ("create", "view")})
    await empty_house.assign(await empty_house.role({"auditlog": ("view", "export"), "oauthclient": ("view",)}))
    assert (await empty_house.resolve("inclusive")).scope == ("auditlog:view", "oauthclient:view")


@pytest.mark.parametrize("name", ["", " Rep", "line\nfeed", "x" * 81])
async def test_a_role_name_that_no_page_could_show_is_refused(house, name):
    with pytest.raises(PeerRefused) as refused:
        await house.role({"company": ("view",)}, name=name)
    assert refused.value.problem.errors[0].pointer == "/name"


async def test_changes_made_at_the_same_time_each_move_the_revision_once(house, token):
    written = [{"company": ("view",)}, {"asset": ("view",)}] * 5
    found = await asyncio.gather(*(house.role(permissions) for permissions in written))
    await asyncio.gather(*(house.ceiling(permissions) for permissions in written))
    assert len(set(found)) == 1
    events = [kind for kind, _, _ in await _events(house)]
    assert token.floors == {
        ("role", found[0]): events.count("role.changed"),
        ("ceiling", house.claude): events.count("ceiling.changed"),
    }


async def test_facts_are_kept_by_the_stream(house, nats):
    await house.ceiling({"company": ("view",)})
    async with bus.connecting(nats, "", "", "audit") as listener:
        await listener.up.wait()

        async def kept():
            with contextlib.suppress(NotFoundError):
                return await listener.jetstream.get_last_msg(
                    "LATCHKEY", f"lk.v1.{house.acme}.ceiling.{house.claude}.changed"
                )

        message = await eventually(kept)
    event = msgspec.json.decode(message.data, type=CloudEvent)
    assert (event.type, event.source) == ("ceiling.changed", "permissions")
