"""A client without a user (RFC 6749 §4.4): its ceiling is all that bounds it, within the tenant that made it."""

from latchkey_contracts.requests.permissions import PermissionsResolve
from latchkey_policy.effective import GrantDocument
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio


async def own(house, scope="inclusive", **more):
    return await house.resolve(scope, user=house.claude, **more)


async def test_no_role_reduces_what_it_may_do(house):
    await house.ceiling({"company": ("view", "update"), "asset": ("view",)})
    found = await own(house)
    assert found.scope == ("asset:view", "company:update", "company:view")
    rights = await house.rights(found.document, user=house.claude)
    assert GrantDocument.decode(bytes(rights.document)).portfolio is Portfolio.ALL
    assert PermissionSet.decode(bytes(rights.role.permissions)).scopes() == found.scope
    assert (rights.portfolio, rights.assignment) == ("all", 0)


async def test_the_ceiling_of_today_counts(house):
    await house.ceiling({"company": ACTIONS})
    document = (await own(house)).document
    await house.ceiling({"company": ("view",)})
    rights = await house.rights(document, user=house.claude)
    for part in (rights.role, rights.ceiling):
        assert PermissionSet.decode(bytes(part.permissions)).scopes() == ("company:view",)
    assert rights.ceiling.revision == 2


async def test_scope_words_narrow(house):
    await house.ceiling({"company": ("view", "update"), "asset": ("view",)})
    assert (await own(house, "company:view")).scope == ("company:view",)
    assert (await own(house, "enduser:view")).refusal == "nothing"
    assert (await own(house, "planet:view")).refusal == "unknown_scope"


async def test_without_a_ceiling_there_is_nothing(house):
    assert (await own(house)).refusal == "nothing"


async def test_in_another_tenant_it_is_nobody(house):
    await house.ceiling({"company": ("view",)})
    assert (await own(house, tenant=house.globex)).refusal == "nothing"
    document = (await own(house)).document
    await house.assign(await house.role({"company": ("view",)}, tenant=house.globex), house.carly, house.globex)
    stranger = await house.resolve("inclusive", user=house.carly, tenant=house.globex)
    assert stranger.document
    rights = await house.rights(stranger.document, user=house.claude, tenant=house.globex)
    assert rights.role is None
    assert document


async def test_the_token_service_may_ask(house):
    await house.ceiling({"company": ("view",)})
    question = PermissionsResolve(
        tenant=house.acme, user=house.claude, client=house.claude, scope=None, default="inclusive"
    )
    assert (await house.caller("token").ask(question)).scope == ("company:view",)
