"""`PeopleNamed`: what pages call the people of a tenant."""

import pytest

from latchkey_contracts.requests.console import NamedPerson, PeopleNamed
from latchkey_kit.requests import PeerUnavailable


async def test_members_and_former_members_are_named_and_nobody_else(world, peer):
    sam, rita, kim = (world.users[email] for email in ("sam@acme.test", "rita@acme.test", "kim@globex.test"))
    await world.execute("UPDATE membership SET removed_at = clock_timestamp() WHERE app_user = $1", sam)
    question = PeopleNamed(tenant=world.tenants["acme"], users=(sam, rita, kim, "0" * 32))
    answer = await peer("console", world.served.internal_url).ask(question)
    assert answer.people == {
        sam: NamedPerson(name="Sam", email="sam@acme.test"), rita: NamedPerson(name="Rita", email="rita@acme.test"),
    }  # fmt: skip


async def test_only_the_console_is_told_names(world, peer):
    with pytest.raises(PeerUnavailable):
        await peer("records", world.served.internal_url).ask(PeopleNamed(tenant=world.tenants["acme"], users=()))
