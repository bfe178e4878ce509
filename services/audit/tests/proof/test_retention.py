"""Months are let go when their time is over, signed for before; nothing else ever is."""

import datetime as dt

import msgspec
import pytest
import structlog

from latchkey_contracts.events.audit import AuditLogForgotten
from latchkey_contracts.requests.audit import RetentionOf, TenantRetention
from latchkey_contracts.seals import Forgotten
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.seals import SealKey
from latchkey_kit.telemetry import metrics
from latchkey_verify.testing import TENANT

OTHER = "e" * 32
PARTS = "SELECT relname::text FROM pg_class WHERE relname ~ '^event_[0-9]+_[0-9]{6}$' ORDER BY relname"


async def parts(kept):
    return [row["relname"] for row in await kept.fetch(PARTS)]


@pytest.fixture
def age(kept):
    """Entries up to a position become as old as if they had been recorded long ago, hashes and all."""

    async def make(tenant, through, months, *, first=1, kept_for=12):
        async with kept.database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                "SELECT make_partition($1, (now() - make_interval(months => $2))::date)", kept_for, months
            )
            await connection.execute(
                "UPDATE event SET recorded = recorded - make_interval(months => $3), kept = $5"
                " WHERE tenant_id = $1 AND position BETWEEN $4 AND $2", tenant, through, months, first, kept_for,
            )  # fmt: skip
            await connection.execute(
                """
                WITH RECURSIVE anew AS (
                    SELECT 0::bigint AS position, decode(repeat('00', 32), 'hex') AS hash
                    UNION ALL
                    SELECT event.position, sha256(convert_to('latchkey.audit.1', 'UTF8') || uuid_send(tenant_id)
                        || int8send(event.position) || int8send((extract(epoch FROM recorded) * 1000000)::bigint)
                        || int2send(kept) || anew.hash || sha256(body))
                    FROM anew JOIN event ON tenant_id = $1 AND event.position = anew.position + 1
                ), hashed AS (
                    UPDATE event SET hash = anew.hash FROM anew
                    WHERE tenant_id = $1 AND event.position = anew.position RETURNING event.position, event.hash
                )
                UPDATE chain SET hash = hashed.hash FROM hashed
                WHERE tenant_id = $1 AND chain.position = hashed.position
                """,
                tenant,
            )

    return make


async def test_partitions_are_made_ahead_for_every_time_in_use(kept, make_event):
    await kept.add(make_event(tenant=OTHER), kept=36)
    await kept.retention.make_ahead()
    ahead = [
        row["name"]
        for row in await kept.fetch(
            "SELECT format('event_%s_%s', kept, to_char(now() + make_interval(months => ahead), 'YYYYMM')) AS name"
            " FROM unnest('{12,36}'::int[]) AS kept, generate_series(-1, 2) AS ahead"
        )
    ]
    assert set(ahead) <= set(await parts(kept))


async def test_a_month_whose_time_is_over_is_signed_for_and_dropped(kept, make_event, age):
    await kept.add(*(make_event(after=1) for _ in range(6)), make_event(tenant=OTHER))
    await age(TENANT, 4, 14)
    before = await kept.fetch("SELECT position, hash FROM event WHERE tenant_id = $1 ORDER BY position", TENANT)
    assert len(await parts(kept)) == 6
    await kept.retention.let_go()
    assert len(await parts(kept)) == 5
    left = await kept.fetch("SELECT position FROM event WHERE tenant_id = $1 ORDER BY position", TENANT)
    assert [row["position"] for row in left] == [5, 6]
    (row,) = await kept.fetch("SELECT * FROM forgotten")
    said = kept.seals.read(row["signed"], Forgotten)
    assert (said.tenant, said.first, said.last, said.before) == (TENANT, 1, 4, "00" * 32)
    assert said.digest == row["hash"].hex() == before[3]["hash"].hex()
    (told,) = await kept.told()
    fact = msgspec.json.decode(told.data, type=AuditLogForgotten)
    assert (told.tenantid, told.type, fact.first, fact.last, fact.signed) == (
        TENANT, "auditlog.forgotten", 1, 4, row["signed"],
    )  # fmt: skip
    await kept.retention.let_go()
    assert await kept.told() == []


async def test_stretches_of_two_times_that_alternate_are_signed_for_one_by_one(kept, make_event, age):
    await kept.add(*(make_event(after=1) for _ in range(6)))
    await age(TENANT, 2, 14)
    await age(TENANT, 4, 14, first=3, kept_for=24)
    await age(TENANT, 5, 14, first=5)
    await kept.retention.let_go()
    rows = await kept.fetch("SELECT first, last, before, hash FROM forgotten ORDER BY first")
    assert [(row["first"], row["last"]) for row in rows] == [(1, 2), (5, 5)]
    (fourth,) = await kept.fetch("SELECT hash FROM event WHERE position = 4")
    assert rows[1]["before"] == fourth["hash"]


async def test_a_crash_between_signing_and_dropping_leaves_nothing_unproven(kept, make_event, age):
    await kept.add(*(make_event(after=1) for _ in range(3)))
    await age(TENANT, 2, 14)
    async with kept.database.transaction() as holding:  # whoever reads keeps the month from being dropped
        await holding.fetch("SELECT count(*) FROM event")
        with pytest.raises(Exception, match="lock timeout"):
            await kept.retention.let_go()
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [3]
    assert len(await kept.told()) == 1
    await kept.retention.let_go()
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [1]
    assert await kept.told() == []


@pytest.mark.parametrize("change", ["body = body || ' '::bytea", "position = position + 100"])
async def test_a_month_with_an_altered_entry_is_evidence_and_stays(kept, make_event, age, change):
    await kept.add(*(make_event(after=1) for _ in range(4)))
    await age(TENANT, 3, 14)
    async with kept.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(f"UPDATE event SET {change} WHERE position = 2")  # noqa: S608 - of the tests
    with structlog.testing.capture_logs() as lines:
        await kept.retention.let_go()
    (altered,) = [line for line in lines if line["event"] == "log_altered"]
    assert (altered["log_level"], altered["tenant"]) == ("error", TENANT)
    assert metrics.audit_months_withheld._value.get() == 1
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [4]
    assert await kept.fetch("SELECT * FROM forgotten") == []


async def test_an_entry_slipped_into_an_old_month_is_not_signed_away(kept, make_event, age):
    """Who cannot delete may move: an entry that claims to be old would be dropped, and signed for."""
    await kept.add(*(make_event(after=1) for _ in range(4)))
    async with kept.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SELECT make_partition(12::smallint, (now() - interval '14 months')::date)")
        await connection.execute("UPDATE event SET recorded = recorded - interval '14 months' WHERE position = 2")
    await kept.retention.let_go()
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [4]
    assert await kept.fetch("SELECT * FROM forgotten") == []


async def test_an_entry_moved_to_a_shorter_time_is_not_signed_away(kept, make_event, age):
    await kept.add(*(make_event(after=1) for _ in range(4)))
    await age(TENANT, 4, 3)
    async with kept.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SELECT make_partition(1::smallint, (now() - interval '3 months')::date)")
        await connection.execute("UPDATE event SET kept = 1 WHERE position = 2")
    with structlog.testing.capture_logs() as lines:
        await kept.retention.let_go()
    (altered,) = [line for line in lines if line["event"] == "log_altered"]
    assert (altered["tenant"], altered["position"], altered["kept"]) == (TENANT, 2, 1)
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [4]
    assert await kept.fetch("SELECT * FROM forgotten") == []


@pytest.mark.parametrize("ahead", ["database", "service"])
async def test_a_month_is_over_when_both_clocks_say_so(kept, make_event, age, ahead):
    await kept.add(*(make_event(after=1) for _ in range(3)))
    await age(TENANT, 2, 14 if ahead == "database" else 11)
    now = kept.clock.now()
    kept.clock.set(now + dt.timedelta(days=-70 if ahead == "database" else 70))
    await kept.retention.let_go()
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [3]
    assert await kept.fetch("SELECT * FROM forgotten") == []
    if ahead == "database":
        kept.clock.set(now)
        await kept.retention.let_go()
        assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [1]


@pytest.mark.parametrize("statement", ["junk", "another key's"])
async def test_what_somebody_else_noted_lets_no_month_go(kept, make_event, age, statement):
    await kept.add(*(make_event(after=1) for _ in range(4)))
    await age(TENANT, 3, 14)
    (third,) = await kept.fetch("SELECT hash FROM event WHERE position = 3")
    claims = Forgotten(iss="x", tenant=TENANT, first=1, last=3, before="00" * 32, digest=third["hash"].hex(), iat=1)
    last, signed = (2, "x.y.z") if statement == "junk" else (3, SealKey(bytes(32)).sign(claims))
    await kept.fetch(
        "INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, 1, $2, $3, $4, $5)",
        TENANT, last, bytes(32), third["hash"], signed,
    )  # fmt: skip
    with structlog.testing.capture_logs() as lines:
        await kept.retention.let_go()
    (altered,) = [line for line in lines if line["event"] == "log_altered"]
    assert (altered["tenant"], altered["position"]) == (TENANT, 1)
    assert metrics.audit_months_withheld._value.get() == 1
    assert [row["count"] for row in await kept.fetch("SELECT count(*) FROM event")] == [4]


async def test_retention_counts_for_what_comes(audit, owners, peer, kept_by, make_event, publish):
    operator = peer("operator", audit.internal_url)
    await publish(make_event())
    await kept_by(TENANT, [12])
    assert (await operator.ask(RetentionOf(tenant=OTHER))).months == 12
    assert (await operator.ask(TenantRetention(tenant=TENANT, months=36))).former == 12
    assert (await operator.ask(TenantRetention(tenant=TENANT, months=36))).former == 36
    assert (await operator.ask(RetentionOf(tenant=TENANT))).months == 36
    await publish(make_event(after=1))
    await kept_by(TENANT, [12, 36, 36])  # the change itself is told once
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer("records", audit.internal_url).ask(TenantRetention(tenant=TENANT, months=1))


@pytest.fixture
def kept_by(audit):
    """Wait until a tenant's entries are kept for these months."""
    from latchkey_kit import db  # noqa: PLC0415
    from latchkey_kit.testing import eventually  # noqa: PLC0415

    async def wait(tenant, months):
        async with db.connect(audit.settings.database_url.reveal()) as database:

            async def so():
                async with database.connection() as connection:
                    rows = await connection.fetch(
                        "SELECT kept FROM event WHERE tenant_id = $1 AND action <> 'auditlog.checkpointed'"
                        " ORDER BY position", tenant,
                    )  # fmt: skip
                return [row["kept"] for row in rows] == months

            await eventually(so)

    return wait
