"""The edge as a process would run it: real NATS, a clock that stands still, owners that answer what the test says."""

import pytest

from latchkey_edge.__main__ import DEFINITION
from latchkey_kit.testing import ManualClock
from latchkey_kit.testing.services import ORIGIN
from latchkey_verify.testing import Issuer, Owners


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def issuer(clock):
    return Issuer(ORIGIN, f"{ORIGIN}/v1", clock)


@pytest.fixture
async def owners(issuer):
    made = Owners(issuer)
    async with made.serving():
        yield made


@pytest.fixture
async def edge(serving_service, clock, owners):
    async with serving_service(DEFINITION, clock=clock, heads_urls=owners.url, permissions_url=owners.url) as served:
        await served.ready()
        yield served


@pytest.fixture
def check(edge, http):
    async def ask(target="/v1/companies", token=None, *, method="GET", **headers):
        given = {"X-Forwarded-Method": method, "X-Forwarded-Uri": target, **headers}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        async with http.get(f"{edge.public_url}/check", headers=given) as response:
            await response.read()
            return response

    return ask
