"""How long it takes to find something in a log of ten million: `GET /v1/audit-events`, one question after the other."""

import datetime as dt
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
import asyncpg
import log_filling
import machine
from audit_house import AuditHouse, audit_house
from log_events import ROUND, Chance, Tenant, Year
from table import Figure

from latchkey_kit.clock import SystemClock

PATH = "/v1/audit-events"
AIM = 50
"""Milliseconds, for 95 of 100."""
TIMES, PAGES = 100, 100
TOO_WIDE = "search_too_wide"
_LIMIT = "50"
_SIZES = """
    SELECT sum(pg_table_size(relid))::float AS heap, sum(pg_indexes_size(relid))::float AS indexes
    FROM pg_partition_tree('event') WHERE isleaf
"""
Question = Callable[[Chance], dict[str, str]]


async def measure(events: int) -> AsyncIterator[Figure]:
    """Fill a log, and ask about the biggest tenant and about one of the smallest."""
    async with audit_house() as house:
        begun = time.perf_counter()
        there = await log_filling.fill(house.dsn, events)
        seconds = time.perf_counter() - begun
        tenants = len(Year().tenants)
        yield Figure("events in the log", f"{there:,}", "", f"{tenants} tenants, a year; filled in {seconds:.0f} s")
        for size in await _sizes(house, there):
            yield size
        async for figure in ask_all(house):
            yield figure


async def ask_all(house: AuditHouse) -> AsyncIterator[Figure]:
    """Ask everything, on a log that is there."""
    year = Year()
    async with house.serving(machine.SERVER) as process, aiohttp.ClientSession(process.public_url) as http:
        for tenant, whose in ((year.tenants[0], "half of it"), (year.tenants[-1], f"1/{ROUND} of it")):
            desk = Desk(http, house.issuer.mint(tid=tenant.id))
            for name, question in _questions(tenant).items():
                yield _figure(f"{name}, {whose}", await desk.took(question))
            pages = await desk.walked()
            yield _figure(f"page {len(pages)} by cursor, {whose}", pages[-1:])
            yield _figure(f"pages 2 to {len(pages)}, {whose}", pages[1:])
            yield _figure(f"one entry, {whose}", await desk.looked_up())


class Desk:
    """Somebody who may read a tenant's log. Times are in milliseconds."""

    def __init__(self, http: aiohttp.ClientSession, token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._seen: list[str] = []

    async def took(self, question: Question) -> list[float]:
        """Ask a hundred times, mostly for something else each time."""
        chance = Chance(1)
        return [(await self._ask(PATH, question(chance)))[0] for _ in range(TIMES)]

    async def walked(self) -> list[float]:
        """Turn the pages of it all."""
        times, asked = [], {"limit": _LIMIT}
        for _ in range(PAGES):
            took, body = await self._ask(PATH, asked)
            times.append(took)
            self._seen += [one["id"] for one in body["data"]]
            if not body["next_cursor"]:
                break
            asked["cursor"] = body["next_cursor"]
        return times

    async def looked_up(self) -> list[float]:
        step = max(1, len(self._seen) // TIMES)
        return [(await self._ask(f"{PATH}/{one}", {}))[0] for one in self._seen[::step]]

    async def _ask(self, path: str, params: dict[str, str]) -> tuple[float, dict]:
        begun = time.perf_counter()
        async with self._http.get(path, params=params, headers=self._headers) as answer:
            body = await answer.json()
        if answer.status != 200 and body.get("code") != TOO_WIDE:  # which is an answer, and a slow one
            raise RuntimeError(f"{answer.status} for {params}: {body}")
        return 1000 * (time.perf_counter() - begun), body


def _questions(tenant: Tenant) -> dict[str, Question]:
    busy, rare = tenant.people[:5], tenant.people[-len(tenant.people) // 3 :]
    now = SystemClock().now()

    def day(chance: Chance) -> dict[str, str]:
        since = now - dt.timedelta(days=chance.uniform(2, 300))
        return {"since": since.isoformat(), "until": (since + dt.timedelta(days=1)).isoformat()}

    return {
        "first page": lambda _: {},
        "a day": day,
        "action, common": lambda _: {"action": "token.refreshed"},
        "action, rare": lambda _: {"action": "token.reused"},
        "all actions of a kind": lambda _: {"action": "user.*"},
        "user, busy": lambda chance: {"user": chance.choice(busy).id},
        "user, rare": lambda chance: {"user": chance.choice(rare).id},
        "client": lambda chance: {"client": chance.choice(chance.choice(tenant.people).connections)[1]},
        "connection": lambda chance: {"connection": chance.choice(chance.choice(tenant.people).connections)[0]},
        "address": lambda chance: {"address": chance.choice(chance.choice(tenant.people).addresses)},
        "result: failed": lambda _: {"result": "failed"},
        "result: success": lambda _: {"result": "success"},
        "user and action": lambda chance: {"user": chance.choice(busy).id, "action": "record.created"},
        "action and a day": lambda chance: {"action": "user.signed_in", **day(chance)},
        "client and failed": lambda chance: {
            "client": chance.choice(chance.choice(tenant.people).connections)[1], "result": "failed"
        },
        "text, common": lambda _: {"q": "chrome"},
        "text, rare": lambda _: {"q": "lobby"},
        "text, nowhere": lambda _: {"q": "nobodywrotethis"},
        "text, a beginning": lambda _: {"q": "turnst"},
        "text, two words": lambda _: {"q": "firefox exported"},
        "text, two rare words": lambda _: {"q": "chatgpt revoked"},
        "text and user": lambda chance: {"q": "refreshed", "user": chance.choice(rare).id},
        "text of an address": lambda chance: {"q": chance.choice(chance.choice(tenant.people).addresses)},
    }  # fmt: skip


def _figure(name: str, times: list[float]) -> Figure:
    ordered = sorted(times)
    p50, p95, p99 = (ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99))
    return Figure(name, f"{p50:.1f} ms", f"<= {AIM} ms", f"p95 {p95:.1f}{'' if p95 <= AIM else ' !'}, p99 {p99:.1f} ms")


async def _sizes(house: AuditHouse, events: int) -> list[Figure]:
    connection = await asyncpg.connect(house.dsn)
    try:
        size = await connection.fetchrow(_SIZES)
    finally:
        await connection.close()
    return [
        Figure("bytes of an event in the table", f"{size['heap'] / events:,.0f}", "", f"{size['heap'] / 1e9:.1f} GB"),
        Figure("bytes of its indexes", f"{size['indexes'] / events:,.0f}", "", f"{size['indexes'] / 1e9:.1f} GB"),
    ]
