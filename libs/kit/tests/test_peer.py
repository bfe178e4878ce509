"""Asking another service: its answer, its no, or its absence."""

import asyncio
import contextlib
from typing import ClassVar

import msgspec
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from latchkey_contracts.requests import Ask
from latchkey_embedded import free_port
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.telemetry import facts
from latchkey_kit.web import routes
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import Problem


class Sum(msgspec.Struct, frozen=True):
    value: int


class Add(Ask[Sum], frozen=True):
    path: ClassVar[str] = "/internal/add"
    answer: ClassVar[type] = Sum
    a: int
    b: int


async def add(request):
    asked = await json_body(request, Add)
    if asked.a < 0:
        raise Problem(422, "negative", "Not below zero.")
    if asked.a == 13:
        raise ValueError("bug")
    return answer(Sum(asked.a + asked.b))


async def relations(request):
    about = facts.current()
    return answer({"request": about.request_id, "address": about.address, "agent": about.agent})


async def elsewhere(request):
    raise web.HTTPFound("/internal/add")


@contextlib.asynccontextmanager
async def running(settings, clock, entropy):
    yield Surface(
        internal=(
            routes.asked("/internal/add", add, by=("auth",)),
            routes.asked("/internal/about", relations, by=("auth",)),
            routes.asked("/internal/elsewhere", elsewhere, by=("auth",)),
        )
    )


DEFINITION = Definition(name="sample", settings=Common, running=running)


@pytest.fixture
async def served(serving_service):
    async with serving_service(DEFINITION) as served:
        yield served


async def test_an_ask_is_answered_with_the_typed_answer(served, peer):
    assert await peer("auth", served.internal_url).ask(Add(a=1, b=2)) == Sum(3)


async def test_a_4xx_is_the_peers_no_with_its_problem(served, peer):
    with pytest.raises(PeerRefused) as refused:
        await peer("auth", served.internal_url).ask(Add(a=-1, b=2))
    assert (refused.value.problem.status, refused.value.problem.code) == (422, "negative")


async def test_a_5xx_and_a_redirect_are_no_answer(served, peer):
    asking = peer("auth", served.internal_url)
    with pytest.raises(PeerUnavailable):
        await asking.ask(Add(a=13, b=0))
    with pytest.raises(PeerUnavailable) as unavailable:
        await asking.send("POST", "/internal/elsewhere")
    assert unavailable.value.problem is None


async def test_a_peer_that_fails_says_under_which_request_id(served, peer):
    token = facts.enter(facts.RequestFacts(request_id="request-42"))
    with pytest.raises(PeerUnavailable) as unavailable:
        await peer("auth", served.internal_url).ask(Add(a=13, b=0))
    facts.leave(token)
    assert (unavailable.value.problem.status, unavailable.value.problem.request_id) == (500, "request-42")


async def test_nobody_there_is_no_answer(peer):
    with pytest.raises(PeerUnavailable):
        await peer("auth", f"http://127.0.0.1:{free_port()}").ask(Add(a=1, b=2))


async def test_silence_is_no_answer(http):
    async def say_nothing(reader, writer):
        await reader.read()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PeerUnavailable):
            await Peer(http, f"http://127.0.0.1:{port}", "auth", "", timeout=0.1).ask(Add(a=1, b=2))


async def test_a_wrong_credential_is_our_fault_and_never_the_peers_no(served, http, peer):
    for asking in (Peer(http, served.internal_url, "auth", "wrong"), peer("token", served.internal_url)):
        with capture_logs() as lines, pytest.raises(PeerUnavailable):
            await asking.ask(Add(a=1, b=2))
        assert [line for line in lines if line["event"] == "peer_does_not_know_us"]


async def test_what_is_known_of_the_request_travels_along(served, peer):
    token = facts.enter(facts.RequestFacts(request_id="request-42", address="203.0.113.9", agent="Browser/1"))
    body = await peer("auth", served.internal_url).send("POST", "/internal/about")
    facts.leave(token)
    assert msgspec.json.decode(body) == {"request": "request-42", "address": "203.0.113.9", "agent": "Browser/1"}
