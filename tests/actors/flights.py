"""Clients in full flight, and what their requests are answered while rights change."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from latchkey_kit.testing import eventually

DOORS = ("rest", "mcp")
_STEADY = 3


@dataclass
class Flight:
    """``answers``: per door, when each request began (seconds of the monotonic clock) and its status, in that order."""

    answers: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: {door: [] for door in DOORS})

    async def steady(self, status: int, since: float) -> None:
        """Wait until the last answers at both doors, to requests begun since then, are these."""

        def all_are() -> bool:
            last = [[said for begun, said in self.answers[door] if begun > since][-_STEADY:] for door in DOORS]
            return all(said == [status] * _STEADY for said in last)

        await eventually(all_are)

    def late(self, since: float) -> Iterator[float]:
        """Seconds after ``since`` at which requests began that were not refused; after a refusal there are none."""
        for door in DOORS:
            answered = [(begun, status) for begun, status in self.answers[door] if begun > since]
            refused = min(begun for begun, status in answered if status == 403)
            assert {status for begun, status in answered if begun >= refused} == {403}, (door, answered)
            yield from (begun - since for begun, status in answered if status != 403)


@contextlib.asynccontextmanager
async def in_full_flight(house, token: str) -> AsyncIterator[Flight]:
    """A client at each door that lists companies, one request after the other."""
    flight = Flight()

    async def client(door, ask) -> None:
        while True:
            begun = time.monotonic()
            flight.answers[door].append((begun, await ask(house, token)))

    jobs = [asyncio.create_task(client(door, ask)) for door, ask in zip(DOORS, (_rest, _mcp), strict=True)]
    try:
        yield flight
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def reductions(house, token: str, reduce, restore, rounds: int) -> list[list[float]]:
    """Take a right away and give it back; per round, how late requests began that were still served."""
    late = []
    async with in_full_flight(house, token) as flight:
        await flight.steady(200, time.monotonic())
        for _ in range(rounds):
            await reduce()
            saved = time.monotonic()
            await flight.steady(403, saved)
            late.append(list(flight.late(saved)))
            await restore()
            await flight.steady(200, time.monotonic())
    return late


async def _rest(house, token: str) -> int:
    return (await house.ask("GET", "/v1/companies?limit=1", token, attempts=1))[0]


async def _mcp(house, token: str) -> int:
    call = {"model_route": "companies", "operation": "list", "parameters": {"limit": 1}}
    params = {"name": "perform_model_action", "arguments": call}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    status, answer, _ = await house.ask("POST", "/v1/mcp", token, json=body, attempts=1)
    return 403 if status == 200 and answer["result"].get("isError") else status
