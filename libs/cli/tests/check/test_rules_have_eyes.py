"""Each rule is shown a house with one thing wrong in it, and names it."""

import pytest

from latchkey_cli.check.acceptances import acceptances
from latchkey_cli.check.arrived import arrived
from latchkey_cli.check.chains import chains
from latchkey_cli.check.dead import dead
from latchkey_cli.check.feed import feed
from latchkey_cli.check.lineage import lineage
from latchkey_cli.check.living import one_leaf, standing, twenty
from latchkey_cli.check.numbers import numbers
from latchkey_cli.check.told import told
from latchkey_cli.check.turns import gates, turns
from latchkey_cli.check.verifiers import ahead, backwards

COPY = (
    "INSERT INTO connection (id, tenant_id, user_id, client_id, expires_at, generation, redirect_uri_sent,"
    " redirect_hash, document, current_hash, resources, rotated_at, nonce, standing_revision)"
    " SELECT {id}, tenant_id, user_id, client_id, expires_at, generation, redirect_uri_sent, redirect_hash, document,"
    " {hash}, resources, rotated_at, nonce, standing_revision FROM connection WHERE id = '{name}'"
)
NEW = "gen_random_uuid()"
DOUBLED = COPY.replace("{id}", NEW).replace("{hash}", "current_hash")
MANY = COPY.replace("{id}", NEW).replace("{hash}", "sha256(uuid_send(gen_random_uuid()))")
AGAIN = "INSERT INTO outbox (id, subject, body) SELECT gen_random_uuid(), subject, body FROM outbox WHERE "
SOME = "id = (SELECT id FROM outbox WHERE subject LIKE '%{alive}.refreshed' ORDER BY number LIMIT 1)"
CHANGED = "UPDATE event SET body = convert_to(replace(convert_from(body, 'UTF8'), 'request-', 'other-'), 'UTF8')"
COLUMNS = (
    "tenant_id, position, kept, recorded, id, at, action, result, entity_id, user_id, client_id, connection_id,"
    " address, source, epoch, number, words, hash, body"
)
ADDED = f"INSERT INTO event ({COLUMNS}) SELECT {COLUMNS} FROM event WHERE action = 'token.reused'"  # noqa: S608 - our own words
STRANGER = ADDED.replace(" id,", " gen_random_uuid(),").replace("gen_random_uuid()", "id", 1)


async def test_house_in_which_everything_agrees_is_proven(house):
    assert (await house.findings()).keys() == {"feed: as told"}, "for there is nobody to ask"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ((DOUBLED.replace("{name}", "{alive}"),), "another row has its secret, too"),
        (("UPDATE connection SET born = (SELECT born FROM connection WHERE id = '{alive}') WHERE id = '{code}'",),
         "another row has its number, too"),
        (("UPDATE connection SET nonce = '1234567890123456' WHERE id = '{code}'",), "is a code, and was exchanged"),
        (("UPDATE connection SET generation = 0 WHERE id = '{alive}'",), "is a code, and was exchanged"),
        (("UPDATE connection SET nonce = NULL WHERE id = '{alive}'",), "says not when or from what"),
        (("UPDATE connection SET current_hash = 'short' WHERE id = '{alive}'",), "no SHA-256"),
        (("UPDATE connection SET unanswered = 4 WHERE id = '{alive}'",), "yet to come"),
        (("UPDATE connection SET revoked_at = NULL WHERE id = '{replayed}'",), "dead without a reason"),
        (("UPDATE connection SET born = 1000000 WHERE id = '{alive}'",), "never drawn"),
    ],
)  # fmt: skip
async def test_second_leaf_and_odd_rows_are_seen(house, statements, words):
    await house.do("token", *statements)
    found = await house.findings(one_leaf)
    assert words in str(found["one leaf"].offenders)


async def test_second_row_of_a_connection_is_seen(house):
    house.repairs.append(("token", "ALTER TABLE connection ADD PRIMARY KEY (id)"))
    copy = COPY.replace("{id}", "id").replace("{hash}", "sha256('another')").replace("{name}", "{alive}")
    await house.do("token", "ALTER TABLE connection DROP CONSTRAINT connection_pkey", copy)
    assert "another row has its id, too" in str((await house.findings(one_leaf))["one leaf"].offenders)


async def test_second_standing_connection_is_seen(house):
    index = await house.ask("token", "SELECT pg_get_indexdef('connection_standing'::regclass)")
    house.repairs.append(("token", index))
    await house.do("token", "DROP INDEX connection_standing", MANY.replace("{name}", "{own}"))
    found = await house.findings(standing)
    assert found["one standing"].offenders == (f"client {house.client}: 2 standing connections",)


async def test_twenty_first_living_connection_is_seen(house):
    for _ in range(19):  # beside the one that lives
        await house.do("token", MANY.replace("{name}", "{alive}"))
    assert await house.findings(twenty) == {}
    await house.do("token", MANY.replace("{name}", "{alive}"))
    assert "21 living connections" in str((await house.findings(twenty))["twenty at most"].offenders)
    cutoff = await house.ask("token", "SELECT max(born) FROM connection")
    await house.do("token", "UPDATE kill SET cutoff = $1", values=(cutoff,))
    assert await house.findings(twenty) == {}, "a kill of many names them all"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE connection SET revoked_at = NULL, revoked_reason = NULL WHERE id = '{cut_by_all}'",
         "connection {cut_by_all}: it is not marked"),
        ("UPDATE connection SET rotated_at = rotated_at + interval '1 s' WHERE id = '{replayed}'",
         "connection {replayed}: tokens were made after its kill"),
        ("UPDATE connection SET rotated_at = rotated_at + interval '1 s' WHERE id = '{cut_by_all}'",
         "connection {cut_by_all}: tokens were made after its kill"),
        ("UPDATE connection SET revoked_at = now(), revoked_reason = 'user.disabled' WHERE id = '{alive}'",
         "connection {alive}: a kill of many is said to have killed it"),
    ],
)  # fmt: skip
async def test_revived_and_wrongly_killed_are_seen(house, statement, words):
    await house.do("token", statement)
    found = await house.findings(dead)
    assert words.format(**house.ids) in str(found["the dead stay dead"].offenders)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM outbox WHERE number = 3", "number 4 of token comes after 2"),
        ("UPDATE outbox_state SET last_number = last_number + 1", "is the last there is"),
    ],
)
async def test_gap_in_an_outbox_is_seen(house, statement, words):
    await house.do("token", statement)
    assert words in str((await house.findings(numbers))["no gaps: token"].offenders)


@pytest.mark.parametrize(
    ("database", "statement", "words"),
    [
        ("audit", "DELETE FROM event WHERE action = 'token.reused'", "audit lacks it"),
        ("audit", "UPDATE event SET id = gen_random_uuid() WHERE action = 'token.reused'", "token never told it"),
        ("audit", "UPDATE event SET user_id = id WHERE action = 'token.reused'", "audit's user_id differ"),
        ("audit", CHANGED + " WHERE action = 'token.reused'", "audit has another body"),
        ("audit", "UPDATE event SET number = number + 100 WHERE action = 'token.reused'",
         "under another number than its body says"),
        ("audit", "UPDATE event SET connection_id = id WHERE action = 'token.reused'", "audit's connection_id differ"),
        ("audit", "UPDATE event SET tenant_id = id WHERE action = 'token.reused'", "audit lacks it"),
        ("audit", ADDED, "audit has it 2 times"),
        ("audit", STRANGER.replace(" epoch, number, words, hash, body F", " NULL, NULL, words, hash, body F"),
         "without a number of token"),
        ("audit", STRANGER.replace(" number, words, hash, body F", " 99, words, hash, body F"), "token never told it"),
        ("token", "DELETE FROM outbox WHERE subject LIKE '%.reused'", "token never told it"),
    ],
)  # fmt: skip
async def test_lost_doubled_and_changed_events_are_seen(house, database, statement, words):
    await house.do(database, statement)
    assert words in str((await house.findings(told))["told once: token"].offenders)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM event WHERE position = 4", "entry 5 comes after 3"),
        ("DELETE FROM event WHERE position = 1", "entry 2 comes after 0"),
        ("DELETE FROM event WHERE position = (SELECT max(position) FROM event)", "is known as its end"),
        ("DELETE FROM event", "tenant {tenant}: the chain ends at 0"),
        (ADDED, "is there twice"),
        (ADDED, "2 entries, of tenant {tenant}"),
        (CHANGED + " WHERE action = 'token.reused'", "does not follow from it"),
        (
            "UPDATE event SET recorded = recorded + interval '1 microsecond' WHERE action = 'token.reused'",
            "does not follow from it",
        ),
        (
            "UPDATE event SET tenant_id = '{user}' WHERE action = 'token.reused'",
            "tenant {user}: nobody knows where its chain ends",
        ),
        ("UPDATE chain SET position = position + 1", "is known as its end"),
        ("UPDATE chain SET hash = sha256('another')", "is known as its end"),
        ("DELETE FROM chain", "tenant {tenant}: nobody knows where its chain ends"),
        ("UPDATE chain SET kept = 5", "nothing is kept for 5 months"),
    ],
)
async def test_broken_chain_is_seen(house, statement, words):
    await house.do("audit", statement)
    found = await house.findings(chains)
    assert words.format(**house.ids) in str(found["chains"].offenders)


LET_GO = """
    INSERT INTO forgotten (tenant_id, first, last, before, hash, signed)
    SELECT event.tenant_id, 3, 5, (SELECT hash FROM event WHERE position = 2), hash, 'jws' FROM event WHERE position = 5
"""
LATER = "UPDATE forgotten SET at = now() + interval '40 days'"


async def test_what_was_signed_for_and_let_go_is_no_gap(house):
    await house.do("audit", LET_GO, "DELETE FROM event WHERE position BETWEEN 3 AND 5")
    assert await house.findings(chains) == {}
    await house.do("audit", "UPDATE forgotten SET last = 4")
    assert "entry 6 comes after 4" in str((await house.findings(chains))["chains"].offenders)


async def test_what_was_let_go_must_fit_in_the_chain(house):
    await house.do("audit", LET_GO, "DELETE FROM event WHERE position BETWEEN 3 AND 5")
    await house.do("audit", "UPDATE forgotten SET before = sha256('another')")
    assert "what was let go from 3 on does not follow 2" in str((await house.findings(chains))["chains"].offenders)


@pytest.mark.parametrize(
    ("statement", "rule", "words"),
    [
        ("UPDATE arrived SET numbers = numbers - '{{[2,3)}}'::int8multirange WHERE source = 'token'",
         "arrived: token", "{{[2,3)}} of token have not come"),
        ("UPDATE arrived SET numbers = numbers - '{{[2,3)}}'::int8multirange WHERE source = 'token'",
         "arrived", "{{[2,3)}} are there, and not noted as come"),
        ("DELETE FROM arrived WHERE source = 'token'", "arrived: token", "of token have not come"),
        ("UPDATE arrived SET numbers = '{{[1,1000)}}' WHERE source = 'token'",
         "arrived: token", "999 of token has come"),
    ],
)  # fmt: skip
async def test_numbers_that_are_noted_wrongly_are_seen(house, statement, rule, words):
    await house.do("audit", statement)
    assert words.format() in str((await house.findings(arrived))[rule].offenders)


async def test_what_audit_has_let_go_is_not_looked_for(house):
    await house.do("audit", LET_GO, "DELETE FROM event WHERE source = 'token'")
    assert "audit lacks it" in str((await house.findings(told))["told once: token"].offenders)
    await house.do("audit", LATER)
    assert await house.findings(told) == {}
    await house.do("token", "UPDATE outbox_state SET purged_through = 5", "DELETE FROM outbox WHERE number <= 5")
    assert await house.findings(lineage) == {}


async def test_event_of_nobody_is_seen(house):
    await house.do("audit", "UPDATE event SET source = 'somebody' WHERE source = 'auth'")
    found = await house.findings(told)
    assert "of somebody" in str(found["told once: sources"].offenders)
    assert "audit lacks it" not in str(found["told once: auth"].offenders)


@pytest.mark.parametrize(
    ("statement", "rule", "words"),
    [
        ("DELETE FROM outbox WHERE subject LIKE '%{alive}.issued'", "grants are told",
         "connection {alive}: 0 grant.issued at generation 3"),
        (AGAIN + "subject LIKE '%{alive}.issued'", "grants are told", "2 grant.issued at generation 3"),
        ("DELETE FROM connection WHERE id = '{alive}'", "grants are told", "its events are there, and it is not"),
        ("DELETE FROM outbox WHERE " + SOME,  # noqa: S608 - our own words
         "refreshes are told",
         "connection {alive}: 1 token.refreshed for 1 generations up to 3, at generation 3"),
        (AGAIN + SOME, "refreshes are told", "3 token.refreshed for 2 generations up to 3"),
        ("UPDATE connection SET generation = 2 WHERE id = '{alive}'", "refreshes are told", "at generation 2"),
        ("DELETE FROM outbox WHERE subject LIKE '%{replayed}.revoked'", "ends are told", "0 connection.revoked and 1"),
        (AGAIN + "subject LIKE '%{replayed}.revoked'", "ends are told", "2 connection.revoked and 1"),
        ("DELETE FROM feed WHERE key = '{replayed}'", "ends are told", "1 connection.revoked and 0 feed entries"),
        ("UPDATE feed SET key = '{alive}' WHERE key = '{replayed}'", "ends are told",
         "connection {alive}: 0 connection.revoked and 1 feed entries, and it is alive"),
        ("UPDATE feed SET key = repeat('0', 32) WHERE key = '{replayed}'", "ends are told", "nothing else is known"),
        ("UPDATE connection SET revoked_at = NULL, revoked_reason = NULL WHERE id = '{replayed}'", "ends are told",
         "connection {replayed}: 1 connection.revoked and 1 feed entries, and it is alive"),
        ("UPDATE connection SET revoked_at = NULL WHERE id = '{replayed}'", "ends are told", "and it is alive"),
        ("DELETE FROM outbox WHERE subject LIKE '%{replayed}.reused'", "ends are told", "0 token.reused"),
    ],
)  # fmt: skip
async def test_row_without_its_events_and_events_without_their_row_are_seen(house, statement, rule, words):
    await house.do("token", statement)
    assert words.format(**house.ids) in str((await house.findings(lineage))[rule].offenders)


async def test_what_the_outbox_has_forgotten_is_looked_for_in_audit(house):
    await house.do(
        "token", "UPDATE outbox_state SET purged_through = 5", "DELETE FROM outbox WHERE number <= 5"
    )  # fmt: skip
    assert await house.findings(lineage, numbers, told) == {}
    await house.do("audit", "DELETE FROM event WHERE number = 4 AND source = 'token'")
    assert (await house.findings(lineage)).keys() == {"refreshes are told"}


@pytest.mark.parametrize(
    ("statement", "rule", "words"),
    [
        ("DELETE FROM feed WHERE number = 2", "feed: no gaps", "entry 3 comes after 1"),
        ("UPDATE feed_state SET last_number = 9", "feed: no gaps", "and 3 is the last there is"),
        ("UPDATE feed SET value = value + 5 WHERE kind = 'client'", "feed: kills", "there is no such kill"),
        ("UPDATE feed SET value = value - 1 WHERE kind = 'client'", "feed: kills", "kill of client {client} up to"),
        ("DELETE FROM kill", "feed: kills", "entry 1 (client {client}"),
        ("DELETE FROM feed WHERE kind = 'client'", "feed: kills", "entry 1 has nothing"),
        ("UPDATE feed SET kind = 'sesame' WHERE kind = 'role'", "feed: kills", "unknown kind, sesame"),
        ("UPDATE kill SET cutoff = 1000000", "feed: kills", "was never drawn"),
        ("INSERT INTO feed (number, kind, key, value) SELECT 4, kind, key, value FROM feed WHERE kind = 'role'",
         "feed: kills", "is no more than before"),
    ],
)  # fmt: skip
async def test_forged_and_lost_feed_entries_are_seen(house, statement, rule, words):
    await house.do("token", statement)
    assert words.format(**house.ids) in str((await house.findings(feed))[rule].offenders)


@pytest.mark.parametrize(
    ("database", "statement", "rule", "words"),
    [
        ("token", "DELETE FROM standing WHERE kind = 'user'", "turns: auth", "user {user}: token is behind auth"),
        ("token", "UPDATE standing SET turn = 1 WHERE kind = 'user'", "turns: auth", "token is behind auth"),
        ("token", "UPDATE standing SET turn = 9 WHERE kind = 'user'", "turns: auth", "token has 9, and auth only 2"),
        ("token", "UPDATE standing SET barred = true WHERE kind = 'user'", "turns: auth", "token has 'barred'"),
        ("auth", "UPDATE membership SET turn = 2", "turns: auth", "tenant_user {tenant}{user}: token is behind"),
        ("auth", "UPDATE tenant SET turn = 1, off_boarded = true", "turns: auth", "tenant {tenant}: token is behind"),
        ("auth", "UPDATE tenant SET revision = 3", "turns: auth", "limits {tenant}: token is behind auth"),
        ("client-registry", "UPDATE client SET turn = 2, disabled = true", "turns: client-registry", "client {client}"),
        ("client-registry", "UPDATE client SET revision = 5", "gates", "gate {client}: token is behind"),
        ("token", "UPDATE gate SET revision = 5", "gates", "token has 5, and client-registry only 4"),
        ("token", "UPDATE gate SET client_type = 'public'", "gates", "public secret false'"),
        ("token", r"UPDATE gate SET secret_hashes = ARRAY['\x03'::bytea]", "gates", "other secrets of it"),
        ("token", "UPDATE gate SET secret_hashes = '{{}}'", "gates", "other secrets of it"),
    ],
)  # fmt: skip
async def test_copy_that_differs_from_its_owner_is_seen(house, database, statement, rule, words):
    await house.do(database, statement)
    assert words.format(**house.ids) in str((await house.findings(turns, gates))[rule].offenders)


async def test_gate_that_was_given_up_is_no_fault(house):
    await house.do("token", "UPDATE gate SET revision = -1, turn = 0")
    assert await house.findings(gates) == {}


async def test_verifier_that_went_backwards_is_seen(house):
    house.log({"event": "feed_applied", "instance": "edge-2", "epoch": "e", "head": 1})
    house.log({"event": "feed_applied", "instance": "edge-1", "epoch": "another", "head": 1})
    assert await house.findings(backwards) == {}
    house.log({"event": "feed_applied", "instance": "edge-1", "epoch": "e", "head": 2})
    found = await house.findings(backwards)
    assert found["never backwards"].offenders == ("verifier edge-1 went from 3 to 2",)


async def test_verifier_ahead_of_the_feed_is_seen(house):
    await house.do("token", "UPDATE verifier SET applied = 4")
    assert (await house.findings(ahead))["nobody is ahead"].offenders == ("verifier edge-1: it has applied 4",)


@pytest.mark.parametrize("name", ["replayed", "cut_by_all"])
@pytest.mark.parametrize("status", [200, 403])
async def test_acceptance_more_than_a_lease_after_its_kill_is_seen(house, name, status):
    house.accepted(house.ids[name], after=1.9)
    assert await house.findings(acceptances) == {}
    house.accepted(house.ids[name], after=2.5, status=401)
    house.accepted(house.ids[name], after=2.5, status=503)
    assert await house.findings(acceptances) == {}
    house.accepted(house.ids[name], after=2.5, status=status)
    [late] = (await house.findings(acceptances))["nothing after its kill"].offenders
    assert late.startswith(f"connection {house.ids[name]}: edge let it in 2496 ms after kill")


async def test_acceptance_counts_from_when_it_came(house):
    house.accepted(house.ids["replayed"], after=9, ms=7500)
    assert await house.findings(acceptances) == {}


async def test_acceptance_after_all_verifiers_knew_is_seen(house):
    await house.do("token", "UPDATE feed SET effective_at = at + interval '0.5 s' WHERE kind = 'connection'")
    assert await house.findings(acceptances) == {}
    house.accepted(house.ids["replayed"], after=0.6)
    assert "told to be in force" in str((await house.findings(acceptances))["nothing after its kill"].offenders)


async def test_kill_counts_from_its_commit(house):
    """It was written, and then PostgreSQL took seconds to commit it: nobody could know it sooner."""
    await house.do("token", "UPDATE feed SET at = at + interval '1 day' WHERE number = 3")
    house.accepted(house.ids["replayed"], after=4)
    assert await house.findings(acceptances) == {}
    request = f"request-connection.revoked-{house.ids['replayed'][-12:]}"
    await house.do("audit", "UPDATE event SET at = at - interval '2 h'")
    house.accepted("0" * 32, after=1.5, request_id=request)
    found = await house.findings(acceptances)
    assert "3996 ms after kill 2" in str(found["nothing after its kill"].offenders), "who wanted it had the answer"


async def test_kill_was_committed_when_a_verifier_knew_it(house):
    await house.do("token", "UPDATE feed SET at = at + interval '1 day' WHERE number = 3")
    house.accepted(house.ids["replayed"], after=4)
    house.knew(head=2, after=3)
    assert await house.findings(acceptances) == {}
    house.knew(head=2, after=1)
    assert "3996 ms after kill 2" in str((await house.findings(acceptances))["nothing after its kill"].offenders)


async def test_without_logs_nothing_is_said_to_be_proven(house):
    found = await house.findings(backwards, acceptances, logs=False)
    assert {one.state for one in found.values()} == {"skip"}
