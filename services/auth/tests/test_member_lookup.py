"""Who of some users belongs to a tenant, for those only who may ask."""

import pytest

from latchkey_contracts.requests.members import MembersGet
from latchkey_kit.requests import PeerRefused, PeerUnavailable

SAM, RITA, KIM = "sam@acme.test", "rita@acme.test", "kim@globex.test"


async def test_members_of_today_are_told_from_everybody_else(world, peer):
    permissions = peer("permissions", world.served.internal_url)
    acme, users = world.tenants["acme"], tuple(world.users[one] for one in (SAM, RITA, KIM))
    question = MembersGet(tenant=acme, users=(*users, "f" * 32))
    assert set((await permissions.ask(question)).members) == set(users[:2])
    await world.execute("UPDATE membership SET removed_at = now() WHERE app_user = $1", users[0])
    assert (await permissions.ask(question)).members == users[1:2]


async def test_only_permissions_asks_and_not_for_everybody_at_once(world, peer):
    acme = world.tenants["acme"]
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("records", world.served.internal_url).ask(MembersGet(tenant=acme, users=()))
    with pytest.raises(PeerRefused) as refused:
        await peer("permissions", world.served.internal_url).ask(MembersGet(tenant=acme, users=("f" * 32,) * 501))
    assert refused.value.problem.status == 400
