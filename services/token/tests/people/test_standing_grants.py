"""What a user has granted already and what still lives, for auth, which may then leave the question out."""

import pytest

from latchkey_contracts.requests.console import GrantsStanding
from latchkey_kit.requests import PeerUnavailable


@pytest.fixture
def standing(house, sam, app):
    async def ask(**changes):
        asked = {"tenant": sam.tenant, "user": sam.user, "client": app.id} | changes
        return (await house.auth.ask(GrantsStanding(**asked))).grant

    return ask


async def test_nothing_stands_before_the_first_consent(standing):
    assert await standing() is None


async def test_the_newest_living_connection_stands(house, standing, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    resources = ("https://api.latchkey.test/v1",)
    newest = await house.connected(app, tenant=sam.tenant, user=sam.user, document="d1" * 32, resources=resources)
    found = await standing()
    assert (found.document, found.resources) == ("d1" * 32, resources)
    assert found.connected_at == (await house.row(newest.claims["sid"]))["created_at"]
    await house.revoke(app, newest.body["refresh_token"])
    assert (await standing()).document == "d0" * 32


async def test_a_consent_that_the_app_never_took_up_does_not_stand(house, standing, sam, app):
    grant = await house.consent_now(app, tenant=sam.tenant, user=sam.user)
    assert await standing() is None
    await house.exchange(app, grant.code)
    assert await standing() is not None


async def test_it_stands_for_this_person_app_and_workspace_only(house, standing, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    for change in ("tenant", "user", "client"):
        assert await standing(**{change: house.new_id()}) is None


async def test_nothing_stands_after_a_disconnect(house, standing, part, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    await part(sam, app.id)
    assert await standing() is None


@pytest.mark.parametrize("end", ["client", "user", "tenant", "tenant_user", "tenant_client"])
async def test_nothing_stands_after_any_kill_of_many(house, standing, sam, app, end):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    key = {"client": app.id, "user": sam.user, "tenant": sam.tenant}
    await house.turn(end, "".join(key[part] for part in end.split("_")), 2)
    assert await standing() is None


async def test_nothing_stands_when_its_time_is_over(house, standing, sam, app):
    await house.connected(app, tenant=sam.tenant, user=sam.user)
    await house.changed(app, connection_lifetime=0)
    assert await standing() is None


async def test_only_auth_may_ask(house, sam, app):
    asked = GrantsStanding(tenant=sam.tenant, user=sam.user, client=app.id)
    for caller in ("console", "permissions", "records"):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await house.peer(caller, house.served.internal_url).ask(asked)
