"""Time to dead: from the commit of a kill to the last acceptance by any of sixteen verifiers."""

import contextlib
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, nullcontext

import apps
import msgspec
from apps import App
from house import House
from table import Figure
from watching import RATE, VERIFIERS, Watchers, watching

from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.requests import PeerUnavailable

MILLION = 1_000_000
ROUNDS, WITHOUT_NATS, PARTITIONS = 40, 8, 3
LEASE = 2.0
_COMMIT_OF_ONE = "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) AS at FROM connection WHERE id = $1"
_COMMIT_OF_MANY = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) AS at FROM standing WHERE kind = 'client' AND key = $1
"""


class Deaths:
    """Kills, and how long after each commit somebody still accepted the token, in seconds."""

    def __init__(self, house: House, watchers: Watchers, app: App) -> None:
        self._house = house
        self._watchers = watchers
        self._app = app
        self.answers: list[float] = []
        """How long each `token.apply` took."""
        self.refusals = 0

    async def of_one(self, meanwhile: AbstractContextManager[None] | None = None) -> float:
        """Its client revokes a connection (RFC 7009)."""
        held = await apps.connections(self._house, self._app, 1)
        (refresh,), (access,) = held["refresh_token"], held["access_token"]
        with contextlib.ExitStack() as stack:

            async def kill() -> None:
                stack.enter_context(meanwhile or nullcontext())
                await apps.revoke(self._house, self._app, refresh)

            last = await self._watchers.last_acceptance(access, kill)
        return last - await self._committed(_COMMIT_OF_ONE, apps.connection_of(access))

    async def of_many(self) -> float:
        """The secret of a client is regenerated: every connection of it dies."""
        held = await apps.connections(self._house, self._app, 1)

        async def kill() -> None:
            gate = self._app.gate
            self._app.gate = msgspec.structs.replace(gate, revision=gate.revision + 1, turn=gate.turn + 1)
            begun = time.perf_counter()
            while not await self._told():
                self.refusals += 1
            self.answers.append(time.perf_counter() - begun)

        last = await self._watchers.last_acceptance(held["access_token"][0], kill)
        return last - await self._committed(_COMMIT_OF_MANY, self._app.id)

    async def _told(self) -> bool:
        """Tell it as the registry would: when the token service is too busy, once more."""
        try:
            await self._house.peer("client-registry").ask(TokenApply(gate=self._app.gate))
        except PeerUnavailable:
            return False
        return True

    async def _committed(self, statement: str, key: str) -> float:
        (row,) = await self._house.sql(statement, key)
        return float(row["at"])


async def measure(house: House) -> list[Figure]:
    """Kill one and a million in turn, then one without NATS, then one behind a partition."""
    crowded = await apps.an_app(house)
    await apps.add_rows(house, crowded, MILLION)
    async with watching(house) as watchers:
        single, all_of = Deaths(house, watchers, await apps.an_app(house)), Deaths(house, watchers, crowded)
        one, many = [], []
        for _ in range(ROUNDS):
            one.append(await single.of_one())
            many.append(await all_of.of_many())
        async with _without_nats(house):
            slow = [await single.of_one() for _ in range(WITHOUT_NATS)]
        cut = [await single.of_one(_partition(house)) for _ in range(PARTITIONS)]
    return [
        *_fast("one connection", one),
        *_fast("a client with 1,000,000", many),
        Figure(
            "the million beside the one, p50", f"{statistics.median(many) / statistics.median(one):.1f} x", "<= 2 x",
            "the rows of the dead are marked in the background meanwhile",
        ),
        _most("regenerate answers, with that million", all_of.answers, 100,
            f"the first {_ms(all_of.answers[0])}; {all_of.refusals} were told to try again"),
        _most("last acceptance, NATS stopped", slow, 300, f"{WITHOUT_NATS} kills"),
        _most("last acceptance, partition", cut, LEASE * 1000, f"{PARTITIONS} kills; heads and NATS both out of reach"),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _without_nats(house: House) -> AsyncIterator[None]:
    await house.nats.stop()
    try:
        yield
    finally:
        await house.nats.start()


@contextlib.contextmanager
def _partition(house: House) -> Iterator[None]:
    """Let neither heads nor NATS say anything."""
    pids = [house.heads.pid, house.nats.child.pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _fast(what: str, seconds: list[float]) -> list[Figure]:
    worst = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    note = f"{len(seconds)} kills; {VERIFIERS} verifiers, {RATE:,} requests/s together"
    return [
        Figure(f"time to dead, {what}: p50", _ms(statistics.median(seconds)), "<= 5 ms", note),
        Figure(f"time to dead, {what}: p99", _ms(worst), "<= 25 ms"),
    ]


def _most(what: str, seconds: list[float], aim: float, note: str) -> Figure:
    return Figure(what, f"{_ms(statistics.median(seconds))}", f"<= {aim:.0f} ms", f"most {_ms(max(seconds))}; {note}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
