"""Apps that own connections: they connect, refresh in chains, read and write, and end it in one of three ways."""

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps import REDIRECT, App, Tokens
from chance import Chance
from door import Door, Fate, Outcome
from graveyard import Dead, Graveyard
from ledger import Family, Ledger, Record
from visitors import Visitor

EVERYTHING = {"refresh": 5, "read": 3, "tool": 3, "create": 2, "update": 2, "end": 2}
ENDINGS = ("revoke", "disconnect", "replay")
REFRESHING = {"refresh": 1}
PAUSE, SOON = (0.1, 0.35), 0.12  # seconds: between two steps, and after one that failed
LIST_COMPANIES = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {
        "name": "perform_model_action",
        "arguments": {"model_route": "companies", "operation": "list", "parameters": {"limit": 1}},
    },
}  # fmt: skip


@dataclass
class Held:
    """The tokens of one connection. `spent` are refresh tokens that were exchanged, oldest first."""

    family: Family
    access: str
    refresh: str
    spent: list[str] = field(default_factory=list)
    cut: bool = False
    """An exchange of `refresh` got no answer: who has no retry window may lose the connection now."""
    ending: str | None = None


@dataclass
class Code:
    text: str
    verifier: str
    cut: bool = False


class Integrator:
    """One installation of an app, for one person. `window`: its client has a retry window; `steps`: how often what."""

    _numbers = itertools.count()

    def __init__(
        self,
        door: Door,
        ledger: Ledger,
        graveyard: Graveyard,
        chance: Chance,
        app: App,
        visitor: Visitor,
        *,
        window: bool,
        admin: Held,
        steps: Mapping[str, int] = EVERYTHING,
        pause: tuple[float, float] = PAUSE,
    ) -> None:
        self._door, self._ledger, self._graveyard, self._chance = door, ledger, graveyard, chance
        self._app, self._visitor, self._window, self._admin = app, visitor, window, admin
        self._steps, self._pause = steps, pause
        self._code: Code | None = None
        self._held: Held | None = None
        self._records: list[Record] = []

    async def work(self) -> None:
        """Do one step after the other, for ever."""
        while True:
            outcome = await self._step()
            await asyncio.sleep(self._chance.uniform(*self._pause) if outcome is None or not outcome.failed else SOON)

    async def _step(self) -> Outcome | None:
        held = self._held
        if held is None:
            return await (self._exchange(self._code) if self._code else self._consent())
        if held.ending:
            return await self._end(held, held.ending)
        step = self._chance.choices(list(self._steps), list(self._steps.values()))[0]
        if step == "end":
            held.ending = self._chance.choice(ENDINGS if len(held.spent) > 1 else ENDINGS[:2])
            return None
        return await self._use(held, step)

    async def _use(self, held: Held, step: str) -> Outcome:
        match step:
            case "refresh":
                return await self._refresh(held)
            case "create":
                return await self._create(held)
            case "update" if self._records:
                return await self._update(held, self._chance.choice(self._records))
            case "tool":
                return self._expected(await self._door.ask("tool", "POST", "/v1/mcp", held.access, json=LIST_COMPANIES))
        return self._expected(await self._door.ask("read", "GET", "/v1/companies?limit=1", held.access))

    def _expected(self, outcome: Outcome) -> Outcome:
        if outcome.fate is Fate.REFUSED:
            self._ledger.complain(outcome, "refused without a reason")
        return outcome

    async def _consent(self) -> None:
        url, verifier = self._app.ask(resource=[f"{self._door.origin}/v1", f"{self._door.origin}/v1/mcp"])
        code = await self._visitor.consent(url)
        if code is None:
            await asyncio.sleep(SOON)
        else:
            self._code = Code(code, verifier)

    async def _exchange(self, code: Code) -> Outcome:
        form = self._app.form(
            grant_type="authorization_code", code=code.text, code_verifier=code.verifier, redirect_uri=REDIRECT
        )
        # An answer that was lost is made good with the same tokens, which is told as a refresh.
        outcome = await self._door.ask(
            "exchange", "POST", "/oauth/token", data=form, tells="grant.issued token.refreshed"
        )
        if outcome.done:
            tokens, self._code = Tokens(outcome.reply.body), None
            family = self._ledger.families[tokens.claims["sid"]] = Family(tokens.claims["sid"])
            self._held = Held(family, tokens.access, tokens.refresh)
        elif outcome.fate is Fate.LOST:
            code.cut = True
        elif outcome.fate is Fate.REFUSED:
            self._code = None
            self._died(outcome, allowed=code.cut)
        return outcome

    async def _refresh(self, held: Held) -> Outcome:
        form = self._app.form(grant_type="refresh_token", refresh_token=held.refresh)
        outcome = await self._door.ask("refresh", "POST", "/oauth/token", data=form, tells="token.refreshed")
        if outcome.done:
            tokens = Tokens(outcome.reply.body)
            held.spent.append(held.refresh)
            held.access, held.refresh, held.cut = tokens.access, tokens.refresh, False
            held.family.refreshed += 1
        elif outcome.fate is Fate.LOST:
            held.cut = True
        elif outcome.fate is Fate.REFUSED:
            self._died(outcome, allowed=held.cut and not self._window)
            self._bury(held, "a replay, for want of an answer")
        return outcome

    def _died(self, outcome: Outcome, *, allowed: bool) -> None:
        """A refusal where there should be none: only who never had an answer, and has no retry window, may meet it."""
        if allowed and outcome.reply.body == {**outcome.reply.body, "error": "invalid_grant"}:
            self._ledger.left_over[outcome.kind] += 1
        else:
            self._ledger.complain(outcome, "our own failure was taken for theft")

    async def _create(self, held: Held) -> Outcome:
        name = f"{self._ledger.run} {next(self._numbers)}"
        record = self._ledger.records[name] = Record(name)
        values = {"name": name, "phase": "new"}
        outcome = await self._door.ask(
            "create", "POST", "/v1/companies", held.access, json=values, tells="record.created", good=(201,)
        )
        record.written("new", outcome.fate)
        if outcome.done:
            record.id = outcome.reply.body["id"]
            self._records.append(record)
        return self._expected(outcome)

    async def _update(self, held: Held, record: Record) -> Outcome:
        value = f"{next(self._numbers)}"
        record.maybe.add(value)  # this may be the last thing that we do
        path = f"/v1/companies/{record.id}"
        outcome = await self._door.ask(
            "update", "PATCH", path, held.access, json={"phase": value}, tells="record.updated"
        )
        record.written(value, outcome.fate)
        return self._expected(outcome)

    async def _end(self, held: Held, how: str) -> Outcome:
        """Have the connection killed, and go on asking until that is acknowledged."""
        held.family.doubtful = True
        if how == "revoke":
            form = self._app.form(token=self._chance.choice((held.access, held.refresh)))
            outcome = await self._door.ask(how, "POST", "/oauth/revoke", data=form)
        elif how == "disconnect":
            path = f"/v1/connections/{held.family.id}"
            outcome = await self._door.ask(how, "DELETE", path, self._admin.access, good=(204,))
        else:  # one that is two exchanges old: no window and no lost answer makes it good
            form = self._app.form(grant_type="refresh_token", refresh_token=held.spent[-2])
            outcome = await self._door.ask(how, "POST", "/oauth/token", data=form, good=(400,))
        if outcome.done:
            self._bury(held, how)
        return self._expected(outcome)

    def _bury(self, held: Held, how: str) -> None:
        held.family.killed, self._held = how, None
        dead = Dead(self._app, held.family.id, how, time.monotonic(), held.access, (held.refresh, *held.spent[-1:]))
        self._graveyard.bury(dead)
