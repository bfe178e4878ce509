"""The checks of this folder see what they are there to see: they are shown a house that was tampered with."""

import pytest
from checks import everything_is_told, the_ledger_holds
from ledger import Ledger
from rig import Rig

COPY = """
    INSERT INTO event SELECT (jsonb_populate_record(event, jsonb_build_object(
        'id', gen_random_uuid(), 'position', position + 1000000, 'epoch', NULL, 'number', NULL))).*
    FROM event WHERE id = $1
"""


async def test_what_is_lost_doubled_or_revived_is_seen(rig, load, graveyard):
    async with load.running():
        await load.warm()
    await everything_is_told(rig)
    await the_ledger_holds(rig, load.ledger)
    created, updated = await _events(rig, load.ledger, "create", "update")
    record = next(one for one in load.ledger.records.values() if one.id)
    dead = graveyard.dead[0]

    await _do(rig, "audit", "DELETE FROM event WHERE id = $1", created)
    await _do(rig, "audit", COPY, updated)
    await _do(rig, "records", "UPDATE company SET phase = 'tampered' WHERE id = $1", record.id)
    await _do(rig, "token", "UPDATE connection SET revoked_at = NULL WHERE id = $1", dead.family)
    with pytest.raises(AssertionError) as seen:
        await the_ledger_holds(rig, load.ledger)
    words = str(seen.value)
    assert "(done) is 0 times in audit" in words
    assert "(done) is 2 times in audit" in words
    assert f"record {record.name} is {record.id} tampered" in words
    assert f"connection {dead.family} ({dead.how}) is alive" in words
    for rule in ("one leaf", "told once: records", "chains", "ends are told"):  # `latchkey check` sees it, too
        assert f"\n{rule}: " in words
    with pytest.raises(AssertionError, match="audit lacks events"):
        await everything_is_told(rig, within=1)

    async with load.door() as door:
        await graveyard.sweep(door, load.ledger, since=load.begun)
    assert any(f"a token of {dead.family} was taken" in one for one in load.ledger.complaints)


async def _events(rig: Rig, ledger: Ledger, *kinds: str) -> list[str]:
    """The id of one event of an acknowledged operation of each kind."""
    asked = [next(one.request_id for one in ledger.outcomes[kind] if one.done) for kind in kinds]
    async with rig.database("audit") as audit:
        statement = "SELECT id FROM event WHERE position($1 IN convert_from(body, 'UTF8')) > 0"
        return [await audit.fetchval(statement, request_id) for request_id in asked]


async def _do(rig: Rig, service: str, statement: str, what: str) -> None:
    async with rig.database(service) as database:
        await database.execute("SET session_replication_role = replica")  # past what keeps the log as it is
        assert (await database.execute(statement, what)).endswith(" 1")
