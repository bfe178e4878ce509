"""Everything that the outside does at once: about thirty operations a second, of every kind."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Iterator

import aiohttp
from apps import REDIRECT, App, Tokens
from chance import Chance
from door import PATIENCE, Door, Outcome
from graveyard import Graveyard
from integrators import REFRESHING, Held, Integrator
from ledger import Family, Ledger
from visitors import Visitor

from latchkey_kit.testing import eventually

KINDS = (
    "sign_in", "consent", "exchange", "refresh", "read", "tool", "create", "update", "revoke", "disconnect", "replay",
    "audit", "clients", "page",
)  # fmt: skip
STRICT, WINDOW, ADMIN = "sync-demo", "claude-connector", "admin-cli"
PEOPLE = ("carly@acme.test", "rita@acme.test")
INSTALLATIONS = 8
PAGE = "/profile/applications"
DESKS = {"audit": "/v1/audit-events?limit=1", "clients": "/v1/oauth-clients?limit=1"}
PAUSE, SOON = (0.25, 0.6), 0.12


class Load:
    """`ledger` is what it remembers. Start it with `running`.

    `refreshers` are as many strict apps more, which refresh without a pause.
    """

    def __init__(self, demo: dict, graveyard: Graveyard, chance: Chance, run: str, *, refreshers: int = 0) -> None:
        self.ledger = Ledger(run)
        self.begun = time.monotonic()
        self._demo, self._graveyard, self._chance, self._refreshers = demo, graveyard, chance, refreshers
        self._visitors: list[Visitor] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Door]:
        """Keep it up for the time of the block; what broke in the load itself breaks the test."""
        async with self.door() as door:
            admin = await self.connect(door, self.app(door, ADMIN), self.visitor(door, PEOPLE[0]), f"{door.origin}/v1")
            tasks = [asyncio.create_task(work) for work in self._workers(door, admin)]
            try:
                yield door
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                for visitor in self._visitors:
                    await visitor.close()
            broken = [one for one in ended if not isinstance(one, asyncio.CancelledError)]
            assert not broken, broken

    @contextlib.asynccontextmanager
    async def door(self) -> AsyncIterator[Door]:
        """The gateway alone, with nobody before it."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as http:
            yield Door(self._demo["origin"], http, self.ledger.run, self.ledger.note)

    async def warm(self) -> None:
        """Wait until every kind of operation has succeeded."""
        await eventually(lambda: all(any(one.done for one in self.ledger.outcomes[kind]) for kind in KINDS), timeout=40)

    def app(self, door: Door, name: str) -> App:
        known = self._demo["clients"][name]
        return App(door, known["client_id"], known["client_secret"])

    def visitor(self, door: Door, email: str) -> Visitor:
        self._visitors.append(Visitor(door, email, self._demo["users"][email]))
        return self._visitors[-1]

    async def connect(self, door: Door, app: App, visitor: Visitor, *resources: str) -> Held:
        """A new connection; for a time when this is sure to work."""
        url, verifier = app.ask(resource=resources)
        code = await visitor.consent(url)
        form = app.form(grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=REDIRECT)
        outcome = await door.ask("exchange", "POST", "/oauth/token", data=form, tells="grant.issued")
        assert outcome.done, outcome
        tokens = Tokens(outcome.reply.body)
        family = self.ledger.families[tokens.claims["sid"]] = Family(tokens.claims["sid"])
        return Held(family, tokens.access, tokens.refresh)

    def _workers(self, door: Door, admin: Held) -> Iterator[Coroutine]:
        yield self._graveyard.haunt(door, self.ledger, self._chance)
        yield self._sign_in_for_ever([self.visitor(door, email) for email in PEOPLE])
        yield self._look_for_ever([self.visitor(door, email) for email in PEOPLE])
        for kind, path in DESKS.items():
            yield self._ask_for_ever(door, admin, kind, path)
        for number in range(INSTALLATIONS):
            yield self._integrator(door, admin, (STRICT, WINDOW)[number % 2], PEOPLE[number // 2 % 2]).work()
        for number in range(self._refreshers):
            hurried = self._integrator(door, admin, STRICT, PEOPLE[number % 2], steps=REFRESHING, pause=(0.0, 0.0))
            yield hurried.work()

    def _integrator(self, door: Door, admin: Held, name: str, email: str, **how) -> Integrator:
        app, visitor, window = self.app(door, name), self.visitor(door, email), name == WINDOW
        return Integrator(
            door, self.ledger, self._graveyard, self._chance, app, visitor, window=window, admin=admin, **how
        )

    async def _sign_in_for_ever(self, people: list[Visitor]) -> None:
        while True:
            done = await self._chance.choice(people).sign_in()
            await asyncio.sleep(self._chance.uniform(*PAUSE) if done else SOON)

    async def _look_for_ever(self, people: list[Visitor]) -> None:
        while True:
            await self._expected(await self._chance.choice(people).look(PAGE))

    async def _ask_for_ever(self, door: Door, admin: Held, kind: str, path: str) -> None:
        while True:
            await self._expected(await door.ask(kind, "GET", path, admin.access))

    async def _expected(self, outcome: Outcome) -> None:
        if not outcome.done and not outcome.failed:
            self.ledger.complain(outcome, "refused without a reason")
        await asyncio.sleep(self._chance.uniform(*PAUSE) if outcome.done else SOON)
