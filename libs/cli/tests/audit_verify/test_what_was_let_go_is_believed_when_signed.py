"""Months are dropped, and the log still holds together; what is forged around them is named."""

import msgspec
import pytest

from latchkey_contracts.events.audit import AuditRetentionChanged
from latchkey_contracts.seals import Forgotten
from latchkey_kit.seals import SealKey

ACME, GLOBEX = "a" * 32, "b" * 32


@pytest.fixture
async def shortened(told, made):
    """Eight entries of acme, of which the service let the first four go, and a checkpoint at the last."""
    events = await told.add(*(made() for _ in range(8)), made(GLOBEX))
    await told.tamper("SELECT make_partition(12::smallint, (now() - interval '14 months')::date)")
    await told.tamper(
        "UPDATE event SET recorded = recorded - interval '14 months' WHERE tenant_id = $1 AND position <= 4", ACME
    )
    await told.hash_anew(ACME, 1)
    await told.sign()
    await told.retention.let_go()
    (row,) = await told.tamper("SELECT count(*) FROM event WHERE tenant_id = $1 AND position <= 4", ACME)
    assert row["count"] == 0
    return events


async def test_after_a_month_was_dropped_the_rest_is_proven(told, shortened):
    verdict = await told.verdict()
    assert (verdict.findings, verdict.unproven, verdict.numbers["stretches let go"]) == ([], [], 1)


@pytest.mark.parametrize("position", [5, 6, 8])
async def test_what_is_removed_behind_it_is_named(told, shortened, position):
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position = $2", ACME, position)
    found = await told.only()
    assert (found.kind, found.position) == ("missing", position)


async def test_what_is_altered_behind_it_is_named(told, shortened):
    await told.change("body = set_byte(body, 50, get_byte(body, 50) # 1)", ACME, 5)
    found = await told.only()
    assert (found.kind, found.position, found.event) == ("altered", 5, shortened[4].id)


async def test_a_stretch_that_was_widened_is_forged(told, shortened):
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position = 5", ACME)
    await told.tamper("UPDATE forgotten SET last = 5 WHERE tenant_id = $1", ACME)
    found = await told.forged()
    assert (found.tenant, found.position) == (ACME, 1)


async def test_a_stretch_that_is_not_there_leaves_the_first_entry_missing(told, shortened):
    await told.tamper("DELETE FROM forgotten")
    found = await told.only()
    assert (found.kind, found.position) == ("missing", 1)


async def test_a_stretch_that_another_key_signed_is_forged(told, ten):
    rows = await told.tamper(
        "SELECT position, hash FROM event WHERE tenant_id = $1 AND position IN (3, 5) ORDER BY position", ACME
    )
    claims = Forgotten(
        iss="x", tenant=ACME, first=4, last=5, before=rows[0]["hash"].hex(), digest=rows[1]["hash"].hex(), iat=1
    )
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position IN (4, 5)", ACME)
    await told.tamper(
        "INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, 4, 5, $2, $3, $4)",
        ACME, rows[0]["hash"], rows[1]["hash"], SealKey(bytes(32)).sign(claims),
    )  # fmt: skip
    assert (await told.forged()).position == 4
    blind = await told.verdict(file=False, key=False)
    assert blind.findings == []
    assert any("no signature was checked" in words for words in blind.unproven)


async def test_a_stretch_that_ends_before_it_begins_is_forged_whoever_signed_it(told, ten):
    (row,) = await told.tamper("SELECT hash FROM event WHERE tenant_id = $1 AND position = 4", ACME)
    digest = row["hash"].hex()
    claims = Forgotten(iss="x", tenant=ACME, first=5, last=4, before=digest, digest=digest, iat=1)
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position = 5", ACME)
    await told.tamper(
        "INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, 5, 4, $2, $2, $3)",
        ACME, row["hash"], SealKey(bytes(32)).sign(claims),
    )  # fmt: skip
    for known in ({}, {"key": False, "file": False}):
        found = await told.forged(**known)
        assert (found.position, "ends before it begins" in found.words) == (5, True)


async def test_a_change_of_retention_explains_itself(told, ten, made):
    await told.tamper("SELECT make_partition(36::smallint, now()::date)")
    await told.tamper("UPDATE chain SET kept = 36 WHERE tenant_id = $1", ACME)
    await told.add(made())
    assert (await told.verdict()).findings == []  # what tells of it is on its way
    told_of_it = AuditRetentionChanged(tenant=ACME, months=36, former=12)
    await told.add(made(kind=told_of_it.type, data=told_of_it, source="audit"), made())
    assert (await told.verdict()).findings == []
    await told.add(made(kind=told_of_it.type, data={"odd": 1}, source="audit"), made(kind=told_of_it.type))
    assert (await told.verdict()).findings == []
    await told.change("kept = 12", ACME, 13)
    found = await told.only()
    assert (found.kind, found.position) == ("altered", 13)


async def test_the_key_comes_from_a_file_the_master_key_or_the_checkpoint_file(told, shortened, tmp_path):
    (tmp_path / "master.key").write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    master = {"AUDIT_MASTER_KEY_FILE": str(tmp_path / "master.key"), "OPERATOR_SECRET": "x"}
    by_master = await told.verdict(key=False, file=False, environ=master)
    assert by_master.findings == []
    assert not any("signature" in words for words in by_master.unproven)
    by_file = await told.verdict(key=False)
    assert (by_file.findings, len(by_file.unproven)) == ([], 1)
    assert "taken from the checkpoint file" in by_file.unproven[0]
    stranger = tmp_path / "stranger.json"
    stranger.write_bytes(msgspec.json.encode(SealKey(bytes(32)).public))
    told.key = stranger
    assert {one.kind for one in (await told.verdict(file=False)).findings} == {"forged", "missing"}


async def test_an_entry_moved_to_a_shorter_time_is_named_and_kept(told, made):
    await told.add(*(made() for _ in range(6)))
    async with told.raw() as connection:
        for months in (1, 12):
            await connection.execute("SELECT make_partition($1, (now() - interval '3 months')::date)", months)
        await connection.execute("UPDATE event SET recorded = recorded - interval '3 months'")
    await told.hash_anew(ACME, 1)
    await told.sign()
    await told.change("kept = 1", ACME, 3)
    await told.change("kept = 1", ACME, 4)
    await told.retention.let_go()
    assert len(await told.tamper("SELECT FROM event WHERE action = 'user.signed_in'")) == 6
    assert await told.tamper("SELECT FROM forgotten") == []
    found = await told.only()
    assert (found.kind, found.position) == ("altered", 3)
