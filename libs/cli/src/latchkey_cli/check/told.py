"""Every event that a service told is in audit's table once, to the letter, and audit has none that nobody told.

The outbox is read in one snapshot; what audit lacks then is on its way, and is looked for until patience is over. For
the other direction audit is read first and its source after it, when it holds all that audit can have heard of.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from latchkey_cli.check.databases import SOURCES, batches, parts
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.let_go import let_go
from latchkey_cli.check.scene import Scene
from latchkey_contracts.events.audit import NOBODY
from latchkey_kit.db import Connection

RULE: Final = "told once"
_COLUMNS: Final = {
    "action": "type", "entity_id": "subject", "source": "source",
    "user_id": "userid", "client_id": "clientid",
}  # fmt: skip
"""Columns of audit's table that repeat a member of the event, beside those that it is found by."""
_HELD: Final = """
    SELECT event.id, epoch, number, body, action, entity_id, source, user_id, client_id, connection_id
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS asked (id, tenant_id, at)
    JOIN event ON event.tenant_id = asked.tenant_id AND event.at = asked.at AND event.id = asked.id
"""
_ID: Final = re.compile(r"[0-9a-f]{32}")


async def told(scene: Scene) -> list[Finding]:
    """Each source against audit, in both directions."""
    if "audit" not in scene.databases:
        return [skipped(RULE, "the database of audit was not given")]
    found = [await _of(scene, source) for source in SOURCES if source in scene.databases]
    return [*found, await _strangers(scene)]


class _Asked(msgspec.Struct, frozen=True):
    """What audit finds an event by: it keeps its tenant and its time."""

    id: str
    tenant: str
    at: dt.datetime


async def _of(scene: Scene, source: str) -> Finding:
    tally = Tally(f"{RULE}: {source}", "its events are in audit once, to the letter, and no others")
    async with scene.databases.now("audit") as audit, scene.databases.snapshot(source) as owner:
        epoch = await owner.fetchval("SELECT epoch FROM outbox_state")
        missing: list[_Asked] = []
        statement = "SELECT id, number, body FROM outbox WHERE number IS NOT NULL ORDER BY number"
        async for rows in batches(owner, statement):
            missing += await _compare(audit, source, epoch, rows, tally)
        await _wait(scene, owner, audit, source, epoch, missing, tally)
    await _backwards(scene, source, tally)
    return tally.finding()


async def _compare(
    audit: Connection, source: str, epoch: str, rows: Sequence[asyncpg.Record], tally: Tally
) -> list[_Asked]:
    """Compare events that audit has; returns those that it lacks."""
    events = [msgspec.json.decode(row["body"], type=dict[str, Any]) for row in rows]
    asked = [_asked(row["id"], event) for row, event in zip(rows, events, strict=True)]
    columns = zip(*((one.id, one.tenant, one.at) for one in asked), strict=True)
    found = await audit.fetch(_HELD, *map(list, columns))
    held = {row["id"]: row for row in found}
    for event_id, times in Counter(row["id"] for row in found).items():
        if times > 1:
            tally.broke(f"event {event_id} of {source}: audit has it {times} times")
    for row, event in zip(rows, events, strict=True):
        if row["id"] in held:
            tally.count(event["type"])
            wrong = _difference(event, row["number"], epoch, held[row["id"]])
            if wrong:
                tally.broke(f"event {row['id']} (number {row['number']} of {source}): {wrong}")
    return [one for one in asked if one.id not in held]


def _asked(event_id: str, event: dict[str, Any]) -> _Asked:
    return _Asked(event_id, event.get("tenantid") or NOBODY, msgspec.convert(event["time"], dt.datetime))


def _difference(event: dict[str, Any], number: int, epoch: str, held: asyncpg.Record) -> str:
    kept = msgspec.json.decode(held["body"])
    place = kept.pop("epoch", None), kept.pop("sequence", None)
    if kept != event:
        return "audit has another body"
    if place != (held["epoch"], held["number"]):
        return "audit has it under another number than its body says"
    # After a restore a source numbers its events anew; audit knows them by their ids, under their former numbers.
    if held["epoch"] == epoch and held["number"] != number:
        return f"audit has it as number {held['number']}"
    wrong = [column for column, member in _COLUMNS.items() if held[column] != event.get(member)]
    connection = event["data"].get("connection")
    if held["connection_id"] != (connection if _ID.fullmatch(str(connection)) else None):
        wrong.append("connection_id")
    return f"audit's {', '.join(wrong)} differ from its body" if wrong else ""


async def _wait(
    scene: Scene, owner: Connection, audit: Connection, source: str, epoch: str, missing: list[_Asked], tally: Tally
) -> None:
    gone = await let_go(scene)
    late = [one for one in missing if one.tenant not in gone or one.at > gone[one.tenant]]
    if let := len(missing) - len(late):
        tally.count("let go", let)
    async for _ in scene.rounds():
        still: list[_Asked] = []
        for some in parts(late):
            ids = [one.id for one in some]
            rows = await owner.fetch("SELECT id, number, body FROM outbox WHERE id = ANY($1::uuid[])", ids)
            still += await _compare(audit, source, epoch, rows, tally)
        late = still
        if not late:
            return
    for one in late:
        tally.broke(f"event {one.id} of {source}: audit lacks it")


async def _backwards(scene: Scene, source: str, tally: Tally) -> None:
    async with scene.databases.snapshot("audit") as audit, scene.databases.snapshot(source) as owner:
        state = await owner.fetchrow("SELECT epoch, purged_through FROM outbox_state")
        assert state is not None  # noqa: S101 - a migration wrote the one row
        of_epoch = "SELECT id, number FROM event WHERE source = $1 AND epoch = $2 AND number > $3"
        async for rows in batches(audit, of_epoch, source, state["epoch"], state["purged_through"]):
            told = await owner.fetch(
                "SELECT id, number FROM outbox WHERE id = ANY($1::uuid[])", [row["id"] for row in rows]
            )
            known = {row["id"]: row["number"] for row in told}
            for row in rows:
                if known.get(row["id"]) != row["number"]:
                    tally.broke(f"event {row['id']} (number {row['number']} of {source}): {source} never told it")
        former = "SELECT count(*) FROM event WHERE source = $1 AND epoch <> $2"
        if numbered_before := await audit.fetchval(former, source, state["epoch"]):
            tally.count("of former epochs", numbered_before)  # what a restore has taken from the source
        unnumbered = "SELECT id FROM event WHERE source = $1 AND (epoch IS NULL OR number IS NULL)"
        async for rows in batches(audit, unnumbered, source):
            for row in rows:
                tally.broke(f"event {row['id']}: audit has it without a number of {source}")


async def _strangers(scene: Scene) -> Finding:
    """Events of a source that is none."""
    tally = Tally(f"{RULE}: sources", "audit has events of our services only")
    async with scene.databases.now("audit") as audit:
        for row in await audit.fetch(
            "SELECT source, count(*) AS events, min(id::text) AS id FROM event GROUP BY source"
        ):
            tally.count(row["source"], row["events"])
            if row["source"] not in SOURCES:
                tally.broke(
                    f"event {row['id'].replace('-', '')}: of {row['source'][:40]}, and {row['events'] - 1} more"
                )
    return tally.finding()
