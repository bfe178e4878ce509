"""The ledger held against what the house has written down."""

import asyncio
import json
import time
from collections import Counter

from door import Fate, Outcome
from ledger import Family, Ledger, Record
from proofs import disproved
from rig import OUTBOXES, Rig

QUIET_WITHIN = 30.0  # seconds for the last events to reach audit
_NOTHING = (0, 0, "{}")


async def everything_is_told(rig: Rig, within: float = QUIET_WITHIN) -> float:
    """Wait until audit has every event of every service, without a gap; returns the seconds that it took."""
    begun, missing = time.monotonic(), {"all": "not asked"}
    while missing and time.monotonic() - begun < within:
        try:
            missing = await _missing(rig)
        except OSError as error:  # PostgreSQL is still away
            missing = {"all": repr(error)}
        await asyncio.sleep(0.05)
    assert not missing, f"audit lacks events after {within:.0f} s: {missing}"
    return time.monotonic() - begun


async def _missing(rig: Rig) -> dict[str, str]:
    async with rig.database("audit") as audit:
        rows = await audit.fetch(
            "SELECT source, epoch, count(*) AS held, max(number) AS last, numbers::text"
            " FROM event JOIN arrived USING (source, epoch) GROUP BY source, epoch, numbers"
        )
    heard = {(row["source"], row["epoch"]): (row["held"], row["last"], row["numbers"]) for row in rows}
    missing = {}
    for service in OUTBOXES:
        async with rig.database(service) as owner:
            state = await owner.fetchrow("SELECT epoch, last_number FROM outbox_state")
            waiting = await owner.fetchval("SELECT count(*) FROM outbox WHERE number IS NULL")
        given = state["last_number"]
        complete = (given, given, f"{{[1,{given + 1})}}") if given else _NOTHING
        found = heard.get((service, state["epoch"]), _NOTHING)
        if waiting or found != complete:
            missing[service] = f"{waiting} not numbered, {given} given; in audit, the last, and which: {found}"
    return missing


async def the_ledger_holds(rig: Rig, ledger: Ledger) -> None:
    """Raise AssertionError with everything that was lost, doubled, or seen and never to be seen."""
    wrong = list(ledger.complaints)
    wrong += await _events(rig, ledger)
    wrong += await _records(rig, ledger)
    wrong += await _families(rig, ledger)
    wrong += await asyncio.to_thread(disproved, rig.home)
    for service in OUTBOXES:
        async with rig.database(service) as database:
            dead = await database.fetch("SELECT subject, reason FROM dead_letter")
        wrong += [f"dead letter of {service}: {row['subject']}: {row['reason']}" for row in dead]
    assert not wrong, f"{len(wrong)} broken promises:\n" + "\n".join(wrong[:40])


async def _events(rig: Rig, ledger: Ledger) -> list[str]:
    async with rig.database("audit") as audit:
        rows = await audit.fetch(
            "SELECT body FROM event WHERE position($1 IN convert_from(body, 'UTF8')) > 0", ledger.run
        )
    told = Counter((event.get("requestid"), event["type"]) for event in (json.loads(row["body"]) for row in rows))
    return [words for outcome in ledger.all() if outcome.tells and (words := _of_one(outcome, told))]


def _of_one(outcome: Outcome, told: Counter) -> str:
    found = sum(told[outcome.request_id, event] for event in outcome.tells)
    due = {Fate.DONE: (outcome.times,), Fate.REFUSED: (0,)}.get(outcome.fate, (0, outcome.times))
    if found in due:
        return ""
    return f"{outcome.kind} {outcome.request_id} ({outcome.fate.value}) is {found} times in audit, not {due}"


async def answered_again(rig: Rig, ledger: Ledger) -> int:
    """How often an exchange was made good with the same tokens, because the first answer may have been lost."""
    async with rig.database("audit") as audit:
        return await audit.fetchval(
            "SELECT count(*) FROM event WHERE action = 'token.refreshed'"
            " AND position($1 IN convert_from(body, 'UTF8')) > 0"
            " AND position('\"again\":true' IN convert_from(body, 'UTF8')) > 0", ledger.run,
        )  # fmt: skip


async def _records(rig: Rig, ledger: Ledger) -> list[str]:
    async with rig.database("records") as records:
        rows = await records.fetch("SELECT id, name, phase FROM company WHERE starts_with(name, $1)", ledger.run)
    count = Counter(row["name"] for row in rows)
    there = {row["name"]: (row["id"], row["phase"]) for row in rows}
    return [
        words
        for name, record in ledger.records.items()
        if (words := _of_record(record, count[name], *there.get(name, (None, None))))
    ]


def _of_record(record: Record, count: int, record_id: str | None, phase: str | None) -> str:
    if count > 1:
        return f"record {record.name} is there {count} times"
    if record.sure is None:
        return ""  # nobody was told that it exists
    if (record_id, phase in {record.sure, *record.maybe}) != (record.id, True):
        return f"record {record.name} is {record_id} {phase}, not {record.id} {record.sure} (perhaps {record.maybe})"
    return ""


async def _families(rig: Rig, ledger: Ledger) -> list[str]:
    ids = list(ledger.families)
    async with rig.database("token") as token:
        rows = await token.fetch(
            "SELECT id, generation, revoked_at IS NOT NULL AS dead, revoked_reason FROM connection"
            " WHERE id = ANY($1::uuid[])",
            ids,
        )
    async with rig.database("audit") as audit:
        cuts = await audit.fetch(
            "SELECT entity_id, action, count(*) AS times FROM event WHERE entity_id = ANY($1)"
            " AND action IN ('connection.revoked', 'token.reused') GROUP BY 1, 2", ids,
        )  # fmt: skip
    there = {row["id"]: row for row in rows}
    told = Counter({(row["entity_id"], row["action"]): row["times"] for row in cuts})
    return [words for family in ledger.families.values() for words in _of_family(family, there.get(family.id), told)]


def _of_family(family: Family, row, told: Counter) -> list[str]:
    name = f"connection {family.id} ({family.killed or 'alive'})"
    if row is None:
        return [f"{name} is gone"]
    wrong = []
    if row["generation"] < family.refreshed + 1:
        wrong.append(f"{name} is at generation {row['generation']} after {family.refreshed} acknowledged refreshes")
    if family.killed and not row["dead"]:
        wrong.append(f"{name} is alive")
    if row["dead"] and not family.killed and not family.doubtful:
        wrong.append(f"{name} was killed by {row['revoked_reason']}")
    if told[family.id, "connection.revoked"] != row["dead"]:
        wrong.append(f"{name}: connection.revoked is {told[family.id, 'connection.revoked']} times in audit")
    if told[family.id, "token.reused"] != (row["revoked_reason"] == "replay"):
        wrong.append(f"{name}: token.reused is {told[family.id, 'token.reused']} times in audit")
    return wrong
