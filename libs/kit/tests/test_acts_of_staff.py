"""What the operator's command asks for is told as done by staff, however many services it goes through."""

import base64
import contextlib

import msgspec
import pytest

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.client import LabsChanged
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.telemetry import facts
from latchkey_kit.testing.services import credential
from latchkey_kit.web import routes
from latchkey_kit.web.bodies import answer

TENANT = "a" * 32
PRETENDING = {"X-Latchkey-By-Staff": "1"}


async def welcome(_name, _digest):
    return True


@contextlib.asynccontextmanager
async def running(_settings, clock, entropy):
    outbox = Outbox("sample", clock, entropy)

    async def act(_request):
        row = outbox.row(LabsChanged(tenant=TENANT, on=True), tenant=TENANT)
        return answer(msgspec.json.decode(row.body, type=CloudEvent).bystaff)

    yield Surface(
        public=(routes.api("POST", "/act", act),),
        internal=(
            routes.asked("/internal/act", act, by=("operator", "auth")),
            routes.asked("/internal/for-guests", act, by=(), guests=welcome),
        ),
    )


@pytest.fixture
async def served(serving_service):
    async with serving_service(Definition(name="sample", settings=Common, running=running)) as served:
        yield served


@pytest.mark.parametrize(("caller", "staff"), [("operator", True), ("auth", False)])
async def test_what_the_operator_asks_for_is_told_as_done_by_staff(served, peer, caller, staff):
    assert await peer(caller, served.internal_url).send("POST", "/internal/act") == msgspec.json.encode(staff)


async def test_what_a_service_asks_for_on_behalf_of_staff_is_told_as_theirs(served, peer):
    with facts.about(facts.RequestFacts(bystaff=True)):
        assert await peer("auth", served.internal_url).send("POST", "/internal/act") == b"true"
    assert await peer("auth", served.internal_url).send("POST", "/internal/act") == b"false"


@pytest.mark.parametrize("path", ["/act", "/internal/for-guests"])
async def test_nobody_else_is_believed_to_be_staff(served, http, path):
    url = served.public_url if path == "/act" else served.internal_url
    guest = base64.b64encode(f"partner:{credential('partner')}".encode()).decode()
    async with http.post(url + path, headers=PRETENDING | {"Authorization": f"Basic {guest}"}) as response:
        assert (response.status, await response.text()) == (200, "false")
