"""Clients without a ceiling of their own, what users leave out at consent, and what bounds who sets a ceiling."""

import pytest

from latchkey_contracts.requests.permissions import CeilingGet
from latchkey_kit.requests import PeerRefused
from latchkey_policy.effective import GrantDocument
from latchkey_policy.permissions import PermissionSet


@pytest.fixture
async def sam(house):
    await house.ceiling({"company": ("view", "update"), "asset": ("view",)})
    await house.assign(await house.role({"company": ("view", "update"), "enduser": ("view",)}))
    return house


async def test_a_dynamic_client_is_bounded_by_the_role_alone(sam):
    await sam.ceiling({}, dynamic=True)
    for scope in ("default", "inclusive", None):
        assert (await sam.resolve(scope, "default")).scope == ("company:update", "company:view", "enduser:view")
    found = await sam.resolve("enduser:view asset:view")
    assert found.scope == ("enduser:view",)
    ceiling = PermissionSet.decode(bytes((await sam.rights(found.document)).ceiling.permissions))
    assert ceiling.allows("asset", "remove")
    assert not ceiling.allows_field("company", "arr", "update")


async def test_switching_a_client_moves_its_floor_and_gives_its_ceiling_back(sam, token):
    permissions = {"company": ("view", "update"), "asset": ("view",)}
    await sam.ceiling(permissions, dynamic=True)
    assert token.floors["ceiling", sam.claude] == 2
    document = (await sam.resolve("inclusive")).document
    await sam.ceiling(permissions)
    shown = await sam.caller("client-registry").ask(CeilingGet(tenant=sam.acme, client=sam.claude))
    assert (shown.dynamic, token.floors["ceiling", sam.claude]) == (True, 2), "what is not said stays as it is"
    await sam.ceiling(permissions, dynamic=False)
    rights = await sam.rights(document)
    assert (rights.ceiling.revision, token.floors["ceiling", sam.claude]) == (3, 3)
    assert not PermissionSet.decode(bytes(rights.ceiling.permissions)).allows("enduser", "view")


async def test_a_dynamic_client_acting_for_itself_has_its_ceiling_and_no_more(sam):
    await sam.ceiling({"company": ("view",)}, dynamic=True)
    found = await sam.resolve("inclusive", user=sam.claude)
    assert found.scope == ("company:view",)
    rights = await sam.rights(found.document, user=sam.claude)
    for part in (rights.ceiling, rights.role):
        assert PermissionSet.decode(bytes(part.permissions)).scopes() == ("company:view",)


async def test_a_choice_only_ever_narrows(sam):
    offered = await sam.resolve("inclusive")
    assert [line.words for line in offered.lines] == [("company:view", "company:update")]
    found = await sam.resolve("inclusive", chosen=("company:view", "enduser:view", "planet:fly"))
    assert found.scope == ("company:view",)
    assert found.document != offered.document
    for chosen in ((), ("enduser:view",)):
        assert (await sam.resolve("inclusive", chosen=chosen)).refusal == "nothing"


async def test_a_choice_keeps_the_fields_that_were_offered(sam):
    found = await sam.resolve("company.name:view company:update", chosen=("company:view",))
    granted = GrantDocument.decode(bytes((await sam.rights(found.document)).document)).permissions
    assert granted.plain() == {"company": {"view": ["name"]}}


async def test_default_is_still_all_or_nothing_before_a_choice(sam):
    assert (await sam.resolve("default", chosen=("company:view",))).refusal == "missing"


async def test_nobody_puts_more_on_a_client_than_their_role_holds(sam):
    with pytest.raises(PeerRefused) as refused:
        await sam.ceiling({"company": ("view", "remove"), "asset": ("view",)}, actor=sam.sam)
    problem = refused.value.problem
    assert (problem.status, problem.code) == (403, "beyond_yourself")
    assert {error.pointer: error.message for error in problem.errors} == {
        "/permissions/company": "Your own role does not hold Company: remove.",
        "/permissions/asset": "Your own role does not hold Asset: view.",
    }
    await sam.ceiling({"company": ("view", "update"), "asset": ("view",)}, actor=sam.sam)
    await sam.ceiling({"company": {"view": ["name"]}}, actor=sam.sam)
    with pytest.raises(PeerRefused):
        await sam.ceiling({"company": ("view",)}, actor=sam.rita)


async def test_a_ceiling_with_fields_is_shown_as_it_was_set(sam):
    fields = {"company": {"view": {"except": ["arr"]}, "update": ["name"]}, "asset": ("view",)}
    await sam.ceiling(fields)
    shown = await sam.caller("client-registry").ask(CeilingGet(tenant=sam.acme, client=sam.claude))
    assert shown.permissions == {"company": {"view": {"except": ("arr",)}, "update": ("name",)}, "asset": ("view",)}


async def test_what_the_catalogue_drops_leaves_the_rest_of_old_grants_roles_and_ceilings(sam, models):
    document = (await sam.resolve("inclusive")).document
    company = models[0] | {"fields": models[0]["fields"][:1]}
    await sam.register(company)
    rights = await sam.rights(document)
    granted = GrantDocument.decode(bytes(rights.document)).permissions
    ceiling, role = (PermissionSet.decode(bytes(part.permissions)) for part in (rights.ceiling, rights.role))
    assert granted.meet(ceiling).meet(role).scopes() == ("company:update", "company:view")
    found = await sam.resolve("inclusive")
    assert found.scope == ("company:update", "company:view")
    now = GrantDocument.decode(bytes((await sam.rights(found.document)).document)).permissions
    assert now.plain()["company"]["view"] == ["name"]
    assert (await sam.resolve("default")).refusal is None, "an asset that is no more is not missing"
