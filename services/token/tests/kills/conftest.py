"""Owners that tell over NATS, and somebody who manages connections over REST."""

import pytest
import pytest_asyncio

from latchkey_contracts.events.tellers import tellers
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.testing import eventually


class Stream:
    """What owners tell, as their relays publish it."""

    def __init__(self, link):
        self._link = link

    async def tell(self, event, *, tenant=None, by=None, body=None, source=None):
        """Publish an event, or on its subject a ``body`` that nobody can read.

        ``source`` lies about who tells it.
        """
        row = Outbox(source or tellers(event.type)[0], SystemClock(), SystemEntropy()).row(
            event, tenant=tenant, user=by
        )
        await self._link.jetstream.publish(row.subject, row.body if body is None else body)


@pytest_asyncio.fixture
async def stream(house, nats):
    async with bus.connecting(nats, "", "", "test") as link:
        await link.up.wait()
        yield Stream(link)


@pytest.fixture
def cut(house, admin):
    """``DELETE /v1/connections`` as the admin, of the admin's tenant."""
    _, tokens = admin
    return lambda **whose: house.api("DELETE", "/v1/connections", tokens.body["access_token"], **whose)


@pytest.fixture
def alive(house):
    """Whether a connection is, by what its refresh token is still good for; it is spent by the question."""

    async def ask(app, answer):
        refreshed = await house.refresh(app, answer.body["refresh_token"])
        assert refreshed.status == 200 or refreshed.error == (400, "invalid_grant"), refreshed.body
        return refreshed.status == 200

    return ask


@pytest.fixture
def summaries(house):
    """What tenants were told of cuts of many."""

    async def read():
        return [one for one in await house.told() if one.type == "connection.all_cut"]

    return read


@pytest.fixture
def swept(house):
    """Wait until every kill has been swept and told."""

    async def wait():
        await eventually(lambda: _none_is_left(house))

    return wait


async def _none_is_left(house):
    ((left,),) = await house.sql("SELECT count(*) FROM kill WHERE NOT swept")
    return left == 0
