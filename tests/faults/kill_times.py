"""How long it takes until a revoked connection is refused at both doors."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from door import Door
from graveyard import LIST_TOOLS
from integrators import Held
from load import PEOPLE, STRICT, Load

from latchkey_kit.testing import eventually

ROUNDS = 15


@dataclass(frozen=True)
class KillTimes:
    """Milliseconds from the acknowledgement of a revocation to the first refusal, of all rounds and both doors."""

    taken: tuple[float, ...]

    @property
    def most(self) -> float:
        return max(self.taken)

    def __str__(self) -> str:
        return f"{statistics.median(self.taken):.0f} ms, at most {self.most:.0f} ms"


async def kill_times(load: Load, door: Door, rounds: int = ROUNDS) -> KillTimes:
    """Connect and revoke, again and again."""
    taken: list[float] = []
    app, visitor = load.app(door, STRICT), load.visitor(door, PEOPLE[0])
    for _ in range(rounds):
        held = await load.connect(door, app, visitor, f"{door.origin}/v1", f"{door.origin}/v1/mcp")
        assert (await _rest(door, held), await _mcp(door, held)) == (200, 200)
        revoked = await door.ask("revoke", "POST", "/oauth/revoke", data=app.form(token=held.refresh))
        assert revoked.done
        held.family.killed = "revoke"
        refused = await asyncio.gather(_until_refused(_rest, door, held), _until_refused(_mcp, door, held))
        taken += [1000 * (moment - revoked.ended) for moment in refused]
    return KillTimes(tuple(taken))


async def _until_refused(ask: Callable[[Door, Held], Awaitable[int]], door: Door, held: Held) -> float:
    async def refused() -> bool:
        return await ask(door, held) == 401

    await eventually(refused)
    return time.monotonic()


async def _rest(door: Door, held: Held) -> int:
    return (await door.ask("probe", "GET", "/v1/companies?limit=1", held.access)).reply.status


async def _mcp(door: Door, held: Held) -> int:
    return (await door.ask("probe", "POST", "/v1/mcp", held.access, json=LIST_TOOLS)).reply.status
