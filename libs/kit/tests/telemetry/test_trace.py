"""One trace id from the first request to the last event; what cannot be read as one starts another."""

import contextlib
import re
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests import Ask, Done
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.telemetry import facts, trace
from latchkey_kit.testing import SeededEntropy, eventually
from latchkey_kit.testing.services import credential
from latchkey_kit.web import routes
from latchkey_kit.web.bodies import answer

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
WELL_FORMED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Deed(Ask[Done], frozen=True):
    path: ClassVar[str] = "/internal/deed"
    answer: ClassVar[type] = Done


def test_a_traceparent_is_read_and_written_as_it_was():
    span = trace.parse(GIVEN)
    assert span == trace.Span(TRACE, SPAN, 1)
    assert str(span) == GIVEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        GIVEN.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        f"{GIVEN}-later",
        f"{GIVEN}-",
        f"{GIVEN}\n",
        f" {GIVEN}",
        f"{GIVEN},{GIVEN}",
        f"01-{TRACE}-{SPAN}-01later",
        GIVEN.replace("-", "_"),
    ],
)
def test_what_is_not_valid_is_no_trace(text):
    assert trace.parse(text) is None


@pytest.mark.parametrize(
    "text", [f"01-{TRACE}-{SPAN}-01", f"01-{TRACE}-{SPAN}-01-more-of-it", f"cc-{TRACE}-{SPAN}-01-"]
)
def test_a_later_version_is_read_by_its_known_part_and_answered_in_ours(text):
    assert str(trace.parse(text)) == GIVEN


def test_flags_that_we_do_not_know_are_accepted_and_not_passed_on():
    assert str(trace.parse(f"00-{TRACE}-{SPAN}-ff")) == f"00-{TRACE}-{SPAN}-03"
    assert str(trace.parse(f"00-{TRACE}-{SPAN}-f0")) == f"00-{TRACE}-{SPAN}-00"


@given(st.text())
def test_whatever_is_sent_is_read_or_refused_and_what_is_read_can_be_sent_on(text):
    span = trace.parse(text)
    assert span is None or WELL_FORMED.fullmatch(str(span))


def test_a_child_shares_the_trace_and_its_flags_and_has_an_id_of_its_own():
    entropy = SeededEntropy()
    parent = trace.parse(GIVEN)
    child, sibling = trace.child_of(parent, entropy), trace.child_of(parent, entropy)
    assert {child.trace_id, sibling.trace_id} == {TRACE}
    assert {child.flags, sibling.flags} == {1}
    assert len({SPAN, child.span_id, sibling.span_id}) == 3
    first, other = trace.child_of(None, entropy), trace.child_of(None, entropy)
    assert first.trace_id != other.trace_id
    assert trace.parse(str(first)) == first


@pytest.fixture
async def owner(serving_service, database, outbox, make_event):
    """A service that writes an event for every deed, and notes the span under which it was asked."""
    seen = []

    async def deed(request):
        seen.append((request.headers.get("traceparent"), facts.current().span))
        async with database.transaction() as connection:
            await outbox.add(connection, make_event(), tenant="0" * 32)
        return answer(Done())

    @contextlib.asynccontextmanager
    async def running(settings, clock, entropy):
        yield Surface(internal=(routes.asked("/internal/deed", deed, by=("auth",)),))

    async with serving_service(Definition(name="token", settings=Common, running=running)) as served:
        yield served.internal_url, seen


@pytest.fixture
async def door(serving_service, http, owner):
    """A service that asks the owner for a deed, twice."""
    asked = Peer(http, owner[0], "auth", credential("auth"))

    async def go(request):
        await asked.ask(Deed())
        await asked.ask(Deed())
        return answer({"span": facts.current().span, "header": request.headers.get("tracestate")})

    @contextlib.asynccontextmanager
    async def running(settings, clock, entropy):
        yield Surface(public=(routes.api("GET", "/go", go),))

    async with serving_service(Definition(name="auth", settings=Common, running=running)) as served:
        yield served.public_url


async def test_one_trace_leads_from_the_first_request_to_the_header_in_nats(door, owner, database, bus, http):
    async with http.get(f"{door}/go", headers={"traceparent": GIVEN}) as response:
        first = (await response.json())["span"]
    assert first["trace_id"] == TRACE

    stream = bus.jetstream

    async def both_there():
        return (await stream.stream_info("LATCHKEY")).state.messages == 2

    async with relaying(database, bus):
        await eventually(both_there)
    sent = [trace.parse(header) for header, _ in owner[1]]
    received = [span for _, span in owner[1]]
    messages = [await stream.get_msg("LATCHKEY", seq=number) for number in (1, 2)]
    headers = [trace.parse(message.headers["traceparent"]) for message in messages]
    bodies = [trace.parse(msgspec.json.decode(message.data, type=CloudEvent).traceparent) for message in messages]
    assert headers == bodies
    everywhere = [*sent, *received, *headers]
    assert {span.trace_id for span in everywhere} == {TRACE}
    assert {span.flags for span in everywhere} == {1}
    assert len({SPAN, first["span_id"], *(span.span_id for span in everywhere)}) == 8


@pytest.mark.parametrize("given", [(), (f"00-{'0' * 32}-{SPAN}-01",), (GIVEN, GIVEN)])
async def test_a_request_without_a_valid_traceparent_starts_a_trace(door, owner, http, given):
    async def go():
        async with http.get(f"{door}/go", headers=[("traceparent", value) for value in given]) as response:
            return (await response.json())["span"]

    one, two = await go(), await go()
    assert TRACE not in (one["trace_id"], two["trace_id"])
    assert one["trace_id"] != two["trace_id"]
    assert [span.trace_id for _, span in owner[1]] == [one["trace_id"]] * 2 + [two["trace_id"]] * 2


def test_an_event_of_no_request_starts_a_trace(outbox, make_event):
    row = outbox.row(make_event(), tenant=None)
    assert trace.parse(msgspec.json.decode(row.body, type=CloudEvent).traceparent)


async def test_a_peer_of_no_request_leaves_the_trace_to_the_owner(owner, http):
    await Peer(http, owner[0], "auth", credential("auth")).ask(Deed())
    ((header, span),) = owner[1]
    assert header is None
    assert span.trace_id
