"""Rights that are reduced while NATS is away: the next pull of the feed brings it, well within the lease."""

import aiohttp
import pytest
from canaries import Canaries
from faults import kept_down
from flights import reductions
from house import House
from offices import opened
from people import Person

from latchkey_cli.operator import operating
from latchkey_kit.testing import eventually

LEASE = 2.0  # seconds
ROUNDS = 3
FULL = {"company": ["view"], "task": ["view"]}
REDUCED = {"task": ["view"]}


@pytest.fixture
async def office(rig, monkeypatch):
    monkeypatch.setenv("LATCHKEY_HOME", str(rig.home))
    people = []
    async with aiohttp.ClientSession() as http, operating() as operator:
        house = House(rig.home, http, Canaries())

        def person(email, password):
            people.append(Person(house, email, password))
            return people[-1]

        yield await opened(house, operator, person, role=FULL, ceiling=FULL)
        for each in people:
            await each.close()


async def test_reductions_without_nats_act_within_the_lease(rig, office, report):
    house = office.house
    token = (await office.connect(resource=[house.api, house.mcp])).access
    with kept_down(rig, "nats", "nats-monitor") as pid:
        late = {
            way.__name__: await reductions(
                house, token, lambda way=way: way(REDUCED), lambda way=way: way(FULL), ROUNDS
            )
            for way in (office.set_role, office.set_ceiling, office.assign)
        }
    await eventually(lambda: rig.is_back("nats", pid))
    moments = [moment for rounds in late.values() for served in rounds for moment in served]
    report(f"without NATS the last request that was served began {1000 * max(moments, default=0):.0f} ms after a save")
    assert all(moment < LEASE for moment in moments), late
