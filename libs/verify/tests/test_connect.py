"""An API that is none of ours connects with addresses and a credential, and nothing else."""

import asyncio

import nats as nats_client
import pytest

from latchkey_contracts.feed import PUSH_SUBJECT
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, RightsUnavailable, connect


@pytest.fixture
def partner(setting):
    def make(**more):
        usual = {"origin": setting.issuer.issuer, "name": "reports", "secret": "s3cret", "clock": setting.clock}
        return connect(setting.api, **usual | {"heads_urls": setting.owners.url} | more)

    return make


async def test_pulls_alone_suffice(partner, setting, ready):
    async with partner() as verifier:
        await ready(verifier)
        token = setting.issuer.mint()
        assert await verifier.check(token, setting.api)
        setting.owners.kill()
        await setting.owners.asked_again("/feed")
        with pytest.raises(InvalidToken, match="revoked"):
            await verifier.check(token, setting.api)


async def test_several_heads_are_parted_by_commas(partner, setting, ready):
    async with partner(heads_urls=f"http://127.0.0.1:1, {setting.owners.url},") as verifier:
        await ready(verifier)


async def test_without_the_address_of_permissions_there_are_no_rights(partner, setting, ready):
    async with partner() as verifier:
        await ready(verifier)
        bearer = await verifier.check(setting.issuer.mint(), setting.api)
        with pytest.raises(RightsUnavailable):
            await verifier.rights(bearer)
    async with partner(permissions_url=setting.owners.url) as verifier:
        await ready(verifier)
        assert (await verifier.rights(bearer)).permissions.allows("company", "view")


async def test_pushes_come_over_nats_where_there_is_one(partner, setting, ready, nats_server):
    token = setting.issuer.mint()
    async with partner(nats_url=nats_server) as verifier:
        await ready(verifier)
        await verifier.check(token, setting.api)
        client = await nats_client.connect(nats_server)
        kill = setting.owners.kill()
        push = setting.owners.push_of(kill)
        setting.owners.entries.clear()  # the pull must not be what brings it

        async def pushed_and_dead():
            await client.publish(PUSH_SUBJECT, push)
            await client.flush()
            await asyncio.sleep(0)
            try:
                verifier.check_now(token, setting.api)
            except InvalidToken:
                return True
            return False

        await eventually(pushed_and_dead)
        await client.close()


async def test_credential_is_sent_and_never_shown(partner, setting, ready, capfd):
    async with partner() as verifier:
        await ready(verifier)
    assert setting.owners.callers == {"reports:s3cret"}
    assert "s3cret" not in "".join(capfd.readouterr())
