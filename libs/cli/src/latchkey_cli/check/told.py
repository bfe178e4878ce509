"""Every event that a service told is in audit's table once, to the letter, and audit has none that nobody told.

The outbox is read in one snapshot; what audit lacks then is on its way, and is looked for until patience is over. For
the other direction audit is read first and its source after it, when it holds all that audit can have heard of.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from latchkey_cli.check.databases import SOURCES, batches, parts
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.scene import Scene
from latchkey_kit.db import Connection

RULE: Final = "told once"
_COLUMNS: Final = {
    "action": "type", "entity_id": "subject", "source": "source",
    "tenant_id": "tenantid", "user_id": "userid", "client_id": "clientid",
}  # fmt: skip
"""Columns of audit's table that repeat a member of the event."""


async def told(scene: Scene) -> list[Finding]:
    """Each source against audit, in both directions."""
    if "audit" not in scene.databases:
        return [skipped(RULE, "the database of audit was not given")]
    found = [await _of(scene, source) for source in SOURCES if source in scene.databases]
    return [*found, await _strangers(scene)]


async def _of(scene: Scene, source: str) -> Finding:
    tally = Tally(f"{RULE}: {source}", "its events are in audit once, to the letter, and no others")
    async with scene.databases.now("audit") as audit, scene.databases.snapshot(source) as owner:
        epoch = await owner.fetchval("SELECT epoch FROM outbox_state")
        missing: list[str] = []
        statement = "SELECT id, number, body FROM outbox WHERE number IS NOT NULL ORDER BY number"
        async for rows in batches(owner, statement):
            missing += await _compare(audit, source, epoch, rows, tally)
        await _wait(scene, owner, audit, source, epoch, missing, tally)
    await _backwards(scene, source, tally)
    return tally.finding()


async def _compare(
    audit: Connection, source: str, epoch: str, rows: Sequence[asyncpg.Record], tally: Tally
) -> list[str]:
    """Compare events that audit has; returns the ids of those that it lacks."""
    found = await audit.fetch(
        "SELECT id, epoch, number, body, action, entity_id, source, tenant_id, user_id, client_id FROM event"
        " WHERE id = ANY($1::uuid[])",
        [row["id"] for row in rows],
    )
    held = {row["id"]: row for row in found}
    for row in rows:
        if row["id"] in held:
            event = msgspec.json.decode(row["body"])
            tally.count(event["type"])
            wrong = _difference(event, row["number"], epoch, held[row["id"]])
            if wrong:
                tally.broke(f"event {row['id']} (number {row['number']} of {source}): {wrong}")
    return [row["id"] for row in rows if row["id"] not in held]


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
    return f"audit's {', '.join(wrong)} differ from its body" if wrong else ""


async def _wait(
    scene: Scene, owner: Connection, audit: Connection, source: str, epoch: str, missing: list[str], tally: Tally
) -> None:
    async for _ in scene.rounds():
        still: list[str] = []
        for ids in parts(missing):
            rows = await owner.fetch("SELECT id, number, body FROM outbox WHERE id = ANY($1::uuid[])", list(ids))
            still += await _compare(audit, source, epoch, rows, tally)
        missing = still
        if not missing:
            return
    for event in missing:
        tally.broke(f"event {event} of {source}: audit lacks it")


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
