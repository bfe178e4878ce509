"""The owner of the database changes the log, triggers off: the first entry that is not what it was is named."""

import msgspec
import pytest

ACME, GLOBEX = "a" * 32, "b" * 32

COLUMNS = {
    "id": "gen_random_uuid()",
    "at": "at + interval '1 second'",
    "action": "'user.signed_out'",
    "result": "'failed'",
    "entity_id": "'nobody'",
    "user_id": "NULL",
    "client_id": "gen_random_uuid()",
    "connection_id": "gen_random_uuid()",
    "address": "'198.51.100.1'",
    "source": "'token'",
    "epoch": "gen_random_uuid()::text",
    "number": "number + 1",
    "words": "array_to_tsvector('{nothing}')",
}


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_column_that_says_something_else_than_the_body(told, ten, column):
    await told.change(f"{column} = {COLUMNS[column]}", ACME, 4)
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (ACME, "altered", 4)
    assert f"column {column} " in found.words
    if column != "id":
        assert found.event == ten[3].id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("body = set_byte(body, 40, get_byte(body, 40) # 1)", "what it says"),
        ("recorded = recorded + interval '1 microsecond'", "when it was recorded"),
        ("hash = set_byte(hash, 7, get_byte(hash, 7) # 128)", "its hash"),
    ],
)
async def test_a_flipped_byte(told, ten, change, words):
    await told.change(change, ACME, 4)
    found = await told.only()
    assert (found.tenant, found.kind, found.position, found.event) == (ACME, "altered", 4, ten[3].id)
    assert words in found.words


@pytest.mark.parametrize("position", [1, 5, 11])
async def test_a_removed_entry(told, ten, position):
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position = $2", ACME, position)
    found = await told.only()
    assert (found.tenant, found.kind, found.position, found.event) == (ACME, "missing", position, None)


async def test_a_removed_entry_whose_place_was_closed(told, ten):
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position = 5", ACME)
    await told.tamper("UPDATE event SET position = position - 1 WHERE tenant_id = $1 AND position > 5", ACME)
    found = await told.only()
    assert (found.kind, found.position, found.event) == ("altered", 5, ten[5].id)


async def test_an_entry_put_in(told, ten):
    await told.tamper("UPDATE event SET position = position + 1 WHERE tenant_id = $1 AND position >= 5", ACME)
    await told.tamper(
        "INSERT INTO event SELECT tenant_id, 5, kept, recorded, gen_random_uuid(), at, action, result, entity_id,"
        " user_id, client_id, connection_id, address, source, epoch, number, words, hash, body FROM event"
        " WHERE tenant_id = $1 AND position = 2",
        ACME,
    )
    found = await told.only()
    assert (found.kind, found.position) == ("added", 5)
    (row,) = await told.tamper("SELECT id FROM event WHERE tenant_id = $1 AND position = 5", ACME)
    assert found.event == row["id"]


@pytest.mark.parametrize("position", [3, 12])
async def test_an_entry_put_where_one_is_already_or_behind_the_end(told, ten, position):
    await told.tamper(
        "INSERT INTO event SELECT tenant_id, $2, kept, recorded, gen_random_uuid(), at, action, result, entity_id,"
        " user_id, client_id, connection_id, address, source, epoch, number, words, hash, body FROM event"
        " WHERE tenant_id = $1 AND position = 2",
        ACME, position,
    )  # fmt: skip
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (ACME, "added", position)


@pytest.mark.parametrize(("one", "other"), [(4, 5), (3, 8)])
async def test_swapped_entries(told, ten, one, other):
    await told.tamper(
        "UPDATE event SET position = $2 + $3 - position WHERE tenant_id = $1 AND position IN ($2, $3)", ACME, one, other
    )
    found = await told.only()
    assert (found.kind, found.position, found.event) == ("reordered", one, ten[other - 1].id)
    assert ten[one - 1].id in found.words


async def test_a_forger_who_does_everything_right_meets_the_checkpoint(told, ten, made):
    await told.add(*(made() for _ in range(4)))
    await told.change("body = body || ' '::bytea", ACME, 4)
    await told.hash_anew(ACME, 4)
    found = await told.only(file=False)
    assert (found.tenant, found.kind, found.position, found.through) == (ACME, "altered", 1, 10)
    assert found.event == ten[9].id


async def test_a_forger_who_removes_checkpoints_meets_those_that_were_told(told, ten):
    await told.tamper("DELETE FROM checkpoint WHERE tenant_id = $1", ACME)
    found = await told.only(file=False)
    assert (found.tenant, found.kind, found.position) == (ACME, "missing", 10)


async def test_a_forger_who_removes_all_that_tells_of_checkpoints_meets_the_file(told, ten):
    await told.tamper("DELETE FROM checkpoint WHERE tenant_id = $1", ACME)
    await told.tamper("DELETE FROM event WHERE tenant_id = $1 AND position >= 9", ACME)
    await told.tamper(
        "UPDATE chain SET position = 8, hash = (SELECT hash FROM event WHERE tenant_id = $1 AND position = 8)"
        " WHERE tenant_id = $1", ACME,
    )  # fmt: skip
    assert (await told.verdict(file=False)).findings == []
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (ACME, "missing", 9)
    assert "checkpoint file at position 10" in found.words


async def test_a_whole_tenant_that_is_gone_is_missed_by_the_file(told, ten):
    for statement in ("DELETE FROM event", "DELETE FROM chain", "DELETE FROM checkpoint"):
        await told.tamper(f"{statement} WHERE tenant_id = $1", GLOBEX)
    assert (await told.verdict(file=False)).findings == []
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (GLOBEX, "missing", 1)


async def test_the_end_of_the_chain_is_held_against_the_entries(told, ten):
    await told.tamper("UPDATE chain SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE tenant_id = $1", ACME)
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (ACME, "altered", 11)


async def test_a_checkpoint_that_was_changed_or_signed_by_another_is_forged(told, ten):
    await told.tamper("UPDATE checkpoint SET position = 9 WHERE tenant_id = $1", ACME)
    found = await told.forged()
    assert (found.tenant, found.position) == (ACME, 9)


async def test_what_is_wrong_is_named_for_each_tenant(told, ten):
    await told.tamper("UPDATE event SET user_id = NULL WHERE position IN (2, 3)")
    findings = (await told.verdict()).findings
    assert [(one.tenant, one.position) for one in findings] == [(ACME, 2), (ACME, 3), (GLOBEX, 2), (GLOBEX, 3)]
    assert {one.tenant for one in (await told.verdict(tenant=GLOBEX)).findings} == {GLOBEX}


async def test_much_that_is_wrong_is_counted(told, ten, made):
    await told.add(*(made() for _ in range(20)))
    await told.tamper("UPDATE event SET user_id = NULL WHERE tenant_id = $1", ACME)
    verdict = await told.verdict()
    assert [one.position for one in verdict.findings] == [*range(1, 11), *range(12, 22)]
    assert verdict.numbers["findings that are not shown"] == 10
    assert "10 findings that are not shown" in verdict.lines()


@pytest.mark.parametrize("tamper", [
    "INSERT INTO checkpoint (tenant_id, position, hash, at, signed) VALUES ($1, 1, '', now(), 'a.b.c')",
    "INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, 1, 1, '', '', 'a.b.c')",
    "UPDATE event SET user_id = NULL WHERE tenant_id = $1 AND position = 1",
])  # fmt: skip
async def test_nothing_at_the_first_entry_hides_what_was_altered_behind_it(told, ten, tamper):
    await told.tamper(tamper, ACME)
    await told.change("body = body || ' '::bytea", ACME, 5)
    first, last = (await told.verdict()).findings
    assert first.position == 1
    assert (last.kind, last.position, last.event) == ("altered", 5, ten[4].id)


async def test_an_entry_moved_to_a_shorter_time_would_be_let_go_early(told, ten):
    await told.tamper("SELECT make_partition(1::smallint, now()::date)")
    await told.change("kept = 1", ACME, 4)
    found = await told.only()
    assert (found.kind, found.position, found.event) == ("altered", 4, ten[3].id)
    assert "for how long it is kept" in found.words


async def test_a_time_that_was_shorter_for_a_while_is_named(told, ten, made):
    await told.tamper("SELECT make_partition(1::smallint, now()::date)")
    for months in (1, 12):
        await told.tamper("UPDATE chain SET kept = $2 WHERE tenant_id = $1", ACME, months)
        await told.add(made())
    found = await told.only()
    assert (found.kind, found.position) == ("altered", 12)
    assert "it is kept for 1 months, the one before it for 12; nobody said so" in found.words


@pytest.fixture
async def old(told, made):
    """Two entries as the log without chains had them: of one moment, and of sources that did not say how they ended."""
    texts = {"user": "kim", "note": "Grüße aus Köln"}, {"user": "kim", "note": "greetings"}
    events = [msgspec.structs.replace(made(data=one), result=None) for one in texts]
    await told.add(*events)
    await told.add(msgspec.structs.replace(made(), result=None))
    await told.sign()
    return events


async def test_what_came_from_the_log_without_chains_may_have_more_words(told, old):
    await told.change("words = array_to_tsvector(tsvector_to_array(words) || '{aaamore}')", ACME, 2)
    await told.change("words = array_to_tsvector('{aaaother}')", ACME, 1)
    assert (await told.verdict()).findings == []
    await told.change("words = ts_delete(words, 'aaagreetings')", ACME, 2)
    found = await told.only()
    assert (found.position, "column words " in found.words) == (2, True)


async def test_nothing_in_the_database_makes_what_came_later_look_as_if_it_came_from_there(told, old):
    await told.tamper("UPDATE schema_migration SET applied_at = now()")
    await told.change("words = array_to_tsvector(tsvector_to_array(words) || '{aaamore}')", ACME, 3)
    found = await told.only()
    assert (found.position, "column words " in found.words) == (3, True)


async def test_checkpoints_that_the_file_lacks_prove_nothing(told, ten, made):
    whole = told.path.read_bytes()
    await told.add(made(), made())
    await told.checkpoints.sign(older=0)
    verdict = await told.verdict()
    (words,) = verdict.unproven
    assert words.startswith(
        f"the checkpoint file lacks 1 of the checkpoints that the database has, the first of tenant {ACME} at position"
        " 13: "
    )
    assert (verdict.findings, verdict.lines().startswith("unproven  the checkpoint file lacks")) == ([], True)
    await told.file.attempt()
    assert (await told.verdict()).unproven == []
    told.path.write_bytes(whole[:-40])
    assert "lacks 2 of the checkpoints" in (await told.verdict()).unproven[0]
    told.path.write_bytes(b"")
    (words,) = (await told.verdict()).unproven
    assert words.startswith("the checkpoint file is empty: ")


async def test_what_was_signed_is_in_the_file_whatever_the_database_made_of_it(told, ten, made):
    await told.tamper(
        "CREATE FUNCTION early() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.at := '2001-01-01'; RETURN NEW; END $$"
    )
    await told.tamper("CREATE TRIGGER early BEFORE INSERT ON checkpoint FOR EACH ROW EXECUTE FUNCTION early()")
    await told.add(made())
    await told.sign()
    await told.tamper("DELETE FROM checkpoint WHERE tenant_id = $1 AND position = 12", ACME)
    found = await told.only()
    assert (found.tenant, found.kind, found.position) == (ACME, "missing", 12)
