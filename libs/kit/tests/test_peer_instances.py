"""Several instances of a peer: they share the work, one that is gone is stepped over, nothing is done twice."""

import asyncio
import contextlib
from collections import Counter
from typing import ClassVar

import aiohttp
import pytest
from aiohttp import web

from latchkey_contracts.requests import Ask, Done
from latchkey_embedded import free_port
from latchkey_kit import requests
from latchkey_kit.addresses import REST_SECONDS, Addresses
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.telemetry import metrics


class Deed(Ask[Done], frozen=True):
    path: ClassVar[str] = "/deed"
    answer: ClassVar[type] = Done


@pytest.fixture
def nobody():
    """An address where nobody listens, kept for this test."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
async def instance():
    """``await instance("a")`` is the address of a server whose answers are counted in ``instance.did``."""
    did = Counter()
    async with contextlib.AsyncExitStack() as stack:

        async def start(name, handler=None):
            async def handle(request):
                did[name] += 1
                return await handler(request) if handler else web.json_response({})

            app = web.Application()
            app.router.add_route("*", "/deed", handle)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

        start.did = did
        yield start


async def hang_up(request):
    """Take the whole request, and break the connection instead of answering."""
    await request.read()
    request.transport.close()
    await asyncio.Event().wait()


async def never(request):
    await asyncio.Event().wait()


@pytest.fixture
def peer_at(http):
    return lambda *urls, **options: Peer(http, ", ".join(urls), "auth", "", **options)


async def test_instances_take_turns(instance, peer_at):
    peer = peer_at(await instance("a"), await instance("b") + "/", await instance("c"))
    for _ in range(6):
        await peer.ask(Deed())
    assert instance.did == {"a": 2, "b": 2, "c": 2}


async def test_an_instance_that_is_gone_is_stepped_over_and_then_left_out(instance, peer_at, nobody, monkeypatch):
    peer = peer_at(nobody, await instance("a"))
    tried = Counter()
    monkeypatch.setattr(requests.metrics, "peer_requests", Spy(tried))
    for _ in range(10):
        await peer.ask(Deed())
    assert instance.did == {"a": 10}
    assert tried == {"unreachable": 1, "answered": 10}


class Spy:
    """Counts outcomes as the counter of Prometheus is asked to."""

    def __init__(self, seen, outcome=None):
        self._seen, self._outcome = seen, outcome

    def labels(self, _peer, outcome):
        return Spy(self._seen, outcome)

    def inc(self):
        self._seen[self._outcome] += 1


async def test_with_nobody_there_every_ask_tries_them_all(peer_at, nobody, monkeypatch):
    tried = Counter()
    monkeypatch.setattr(requests.metrics, "peer_requests", Spy(tried))
    peer = peer_at(nobody, f"http://127.0.0.1:{free_port()}")
    for _ in range(2):
        with pytest.raises(PeerUnavailable, match="/deed: ClientConnectorError"):
            await peer.ask(Deed())
    assert tried == {"unreachable": 4}


async def test_an_ask_whose_connection_breaks_is_not_sent_again(instance, peer_at):
    broken, good = await instance("broken", hang_up), await instance("good")
    peer = peer_at(good, broken)
    with pytest.raises(PeerUnavailable, match="ServerDisconnectedError"):
        await peer.ask(Deed())
    assert instance.did == {"broken": 1}
    await peer.ask(Deed())
    assert instance.did == {"broken": 1, "good": 1}


async def test_a_get_whose_connection_breaks_is_sent_to_the_next(instance, peer_at):
    good, broken = await instance("good"), await instance("broken", hang_up)
    assert await peer_at(good, broken).send("GET", "/deed") == b"{}"
    assert instance.did["good"] == 1


async def test_the_time_is_for_all_instances_together(instance, peer_at):
    good, silent = await instance("good"), await instance("silent", never)
    peer = peer_at(good, silent, timeout=0.2)
    with pytest.raises(PeerUnavailable, match="TimeoutError"):
        await peer.send("GET", "/deed")
    assert instance.did == {"silent": 1}
    await peer.send("GET", "/deed")
    assert instance.did == {"silent": 1, "good": 1}


async def test_a_no_and_a_failure_are_answers_and_nobody_else_is_asked(instance, peer_at):
    async def refuse(request):
        return web.json_response({"status": 409, "title": "No.", "code": "conflict"}, status=409)

    async def fail(request):
        return web.Response(status=500)

    peer = peer_at(await instance("refuse", refuse), await instance("fail", fail))
    with pytest.raises(PeerUnavailable, match="answered 500"):
        await peer.ask(Deed())
    with pytest.raises(PeerRefused):
        await peer.ask(Deed())
    assert instance.did == {"refuse": 1, "fail": 1}


async def test_a_kept_connection_that_the_peer_closed_is_replaced(instance, peer_at):
    async def and_close(request):
        response = web.json_response({})
        asyncio.get_running_loop().call_later(0, request.transport.close)
        return response

    peer = peer_at(await instance("a", and_close))
    for _ in range(5):
        await peer.send("GET", "/deed")


async def test_no_address_at_all_is_no_answer(peer_at):
    with pytest.raises(PeerUnavailable, match="no address"):
        await peer_at("").ask(Deed())


async def test_asks_are_counted_by_address_and_outcome_without_credentials(instance, http):
    url = await instance("a")
    host = url.removeprefix("http://")
    with contextlib.suppress(PeerUnavailable, aiohttp.ClientError, ValueError):
        await Peer(http, f"http://user:canary@{host}", "auth", "").ask(Deed())
    await Peer(http, url, "auth", "").ask(Deed())
    text = metrics.exposition().decode()
    assert f'latchkey_peer_requests_total{{outcome="answered",peer="{host}"}}' in text
    assert "canary" not in text


def test_one_address_is_always_asked():
    alone = Addresses("http://a/")
    alone.failed("http://a", 0)
    assert alone.in_turn(0) == ("http://a",)


def test_an_instance_rests_after_a_failure_and_is_tried_by_one_request_when_it_is_over():
    three = Addresses("http://a,http://b , http://c,")
    three.failed("http://b", 0)
    for _ in range(4):
        first, second, last = three.in_turn(REST_SECONDS / 2)
        assert (last, {first, second}) == ("http://b", {"http://a", "http://c"})
    firsts = Counter(three.in_turn(REST_SECONDS)[0] for _ in range(9))
    assert firsts["http://b"] == 1
    three.answered("http://b")
    firsts = Counter(three.in_turn(REST_SECONDS)[0] for _ in range(9))
    assert firsts == {"http://a": 3, "http://b": 3, "http://c": 3}


def test_the_load_of_one_that_rests_is_shared_by_the_others():
    three = Addresses("http://a,http://b,http://c")
    three.failed("http://b", 0)
    assert Counter(three.in_turn(0)[0] for _ in range(10)) == {"http://a": 5, "http://c": 5}
