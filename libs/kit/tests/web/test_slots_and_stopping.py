"""A few at a time, and streams that end when the process is told to stop."""

import asyncio
import contextlib

import pytest
from aiohttp import web

from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.web.application import application
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import STOPPING, api
from latchkey_kit.web.slots import Slots


def test_places_are_so_many_for_each_and_for_all_and_come_back():
    slots = Slots(most=3, each=2, refusal=lambda: Problem(429, "too_many", "Too many."))
    with contextlib.ExitStack() as taken:
        for key in ("a", "a", "b"):
            taken.enter_context(slots.taken(key))
        for key in ("a", "b", "c"):
            with pytest.raises(Problem), slots.taken(key):
                pass
    with slots.taken("a"), slots.taken("c"), slots.taken("a"), pytest.raises(Problem), slots.taken("b"):
        pass


async def test_a_stream_ends_with_the_end_of_its_body_when_the_process_stops(http):
    async def stream(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun\n")
        await request.app[STOPPING].wait()
        await response.write(b"ended\n")
        return response

    runner = web.AppRunner(application([api("GET", "/stream", stream)], SystemClock(), SystemEntropy()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with http.get(f"http://{host}:{port}/stream") as response:
        assert await response.content.readline() == b"begun\n"
        stopping = asyncio.create_task(runner.cleanup())
        assert await response.content.read() == b"ended\n"
    await stopping
