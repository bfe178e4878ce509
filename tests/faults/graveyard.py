"""Tokens whose revocation was acknowledged: tried again and again, and never to be taken."""

import asyncio
import time
from dataclasses import dataclass

from apps import App
from chance import Chance
from door import Door, Outcome
from ledger import Ledger

LEASE = 2.0  # seconds a verifier may trust what it knows
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
PAUSE = 0.25


@dataclass(frozen=True)
class Dead:
    """`since` is when the revocation was acknowledged, on the monotonic clock."""

    app: App
    family: str
    how: str
    since: float
    access: str
    refresh: tuple[str, ...]

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Every door, with what is to be tried there."""
        return [("rest", self.access), ("mcp", self.access), *(("refresh", token) for token in self.refresh)]


class Graveyard:
    """Of one stack: what died in an earlier test is still tried in a later one."""

    def __init__(self) -> None:
        self.dead: list[Dead] = []

    def bury(self, dead: Dead) -> None:
        self.dead.append(dead)

    async def haunt(self, door: Door, ledger: Ledger, chance: Chance) -> None:
        """Try one after the other, for ever."""
        while True:
            await asyncio.sleep(PAUSE)
            if self.dead:
                # One that died just now is the most telling, and one that died long ago may have been forgotten.
                one = chance.choice(self.dead[-5:] if chance.random() < 0.5 else self.dead)
                await _try(door, ledger, one, *chance.choice(one.ways))

    async def sweep(self, door: Door, ledger: Ledger, *, since: float) -> int:
        """Try everything that died since then at every door, when all is well: every answer must be a clear no."""
        fresh = [one for one in self.dead if one.since >= since]
        wait = max((one.since + LEASE - time.monotonic() for one in fresh), default=0)
        await asyncio.sleep(max(wait, 0))
        for one in fresh:
            for way in one.ways:
                outcome = await _try(door, ledger, one, *way)
                if outcome.failed:
                    ledger.complain(outcome, "no clear answer when all was well")
        return len(fresh)


async def _try(door: Door, ledger: Ledger, dead: Dead, way: str, token: str) -> Outcome:
    if way == "refresh":
        form = dead.app.form(grant_type="refresh_token", refresh_token=token)
        outcome = await door.ask("probe", "POST", "/oauth/token", data=form)
    elif way == "rest":
        outcome = await door.ask("probe", "GET", "/v1/companies?limit=1", token)
    else:
        outcome = await door.ask("probe", "POST", "/v1/mcp", token, json=LIST_TOOLS)
    age = outcome.sent - dead.since
    if outcome.done and (way == "refresh" or age > LEASE):
        ledger.complain(outcome, f"a token of {dead.family} was taken ({way}) {age:.2f} s after: {dead.how}")
    return outcome
