"""The service adds to the log and can do nothing else to it; the owner of the tables meets the triggers."""

from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from latchkey_audit.store import log
from latchkey_kit import db
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.migrate import migrate
from latchkey_verify.testing import TENANT

OWNER, SERVICE = "log_test_owner", "log_test_service"
COMPONENTS = ("latchkey_kit", "latchkey_audit")


@pytest.fixture
async def urls(postgres):
    """A database of the owner, brought to this release as operators do it: its address by role."""
    admin = await asyncpg.connect(postgres)
    there = urlsplit(postgres)
    host = there.netloc.rpartition("@")[2]
    made = {
        role: urlunsplit(there._replace(netloc=f"{role}:pw@{host}", path="/log_test")) for role in (OWNER, SERVICE)
    }  # fmt: skip
    try:
        for role in made:
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
        await admin.execute(f"CREATE DATABASE log_test OWNER {OWNER}")
        await admin.execute("REVOKE ALL ON DATABASE log_test FROM PUBLIC")
        await migrate(made[OWNER], COMPONENTS, serves=made[SERVICE])
        yield made
    finally:
        await admin.execute("DROP DATABASE IF EXISTS log_test WITH (FORCE)")
        for role in made:
            await admin.execute(f"DROP ROLE IF EXISTS {role}")
        await admin.close()


@pytest.fixture
async def kept(urls, make_event):
    """An entry, a stretch let go and a checkpoint, written by the service; its partition is new, too."""
    event = make_event()
    async with db.connect(urls[SERVICE]) as database, database.transaction() as connection:
        await log.add(connection, [log.coming(Delivery(event, msgspec.json.encode(event)))], kept=1)
        await connection.execute("INSERT INTO forgotten VALUES ($1, 1, 2, '', '', now(), '')", TENANT)
        await connection.execute("INSERT INTO checkpoint VALUES ($1, 1, '', now(), '')", TENANT)
    return event


@pytest.fixture
async def connect(urls):
    opened = []

    async def open_as(role):
        opened.append(await asyncpg.connect(urls[role]))
        return opened[-1]

    yield open_as
    for connection in opened:
        await connection.close()


async def tables(connection):
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND (relname ~ '^event' OR relname IN ('forgotten', 'checkpoint'))"
    )
    return {row["relname"] for row in rows}


CHANGES = (
    "UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE",
    "ALTER TABLE {} DISABLE TRIGGER ALL", "ALTER TABLE {} ADD COLUMN more int", "DROP TABLE {} CASCADE",
    "ALTER TABLE {} OWNER TO " + SERVICE, "CREATE RULE r AS ON INSERT TO {} DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION stays_written()",
    "INSERT INTO {} SELECT * FROM {} ON CONFLICT DO UPDATE SET tenant_id = NULL",
)  # fmt: skip


async def test_the_service_can_change_nothing_that_is_written(kept, connect):
    service = await connect(SERVICE)
    found = await tables(service)
    assert found > {"event", "event_1", "event_12", "forgotten", "checkpoint"}
    for table in sorted(found):
        for change in CHANGES:
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.PostgresSyntaxError)) as refused:
                await service.execute(change.replace("{}", table))
            if "ON CONFLICT" not in change:
                assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError), change
    for statement in (
        "DROP FUNCTION stays_written CASCADE", "ALTER FUNCTION stays_written RENAME TO other",
        "SET session_replication_role = replica", "CREATE TABLE other (id int)", f"SET ROLE {OWNER}",
        "MERGE INTO event USING chain ON event.tenant_id = chain.tenant_id WHEN MATCHED THEN DELETE",
        "UPDATE schema_migration SET number = 0",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)
    assert await service.fetchval("SELECT count(*) FROM event WHERE id = $1", kept.id) == 1


async def test_the_triggers_refuse_the_owner_too(kept, connect):
    owner = await connect(OWNER)
    for table in sorted(await tables(owner)):
        held = await owner.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 (names of ours)
        for change in CHANGES[:4] if held else CHANGES[2:4]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
                await owner.execute(change.replace("{}", table))
    assert await owner.fetchval("SELECT count(*) FROM event WHERE id = $1", kept.id) == 1


async def test_the_service_lets_nothing_go_before_its_time(kept, connect):
    service = await connect(SERVICE)
    for months in (1, 12):
        with pytest.raises(asyncpg.RaiseError, match="not over"):
            await service.execute("SELECT drop_partition($1::smallint, now()::date)", months)


@pytest.mark.parametrize("function", ["make_partition", "drop_partition"])
@pytest.mark.parametrize(
    ("months", "month"),
    [
        (12, "2026-11-01 BC"), (12, "4713-01-01 BC"), (12, "1999-12-31"), (12, "10000-01-01"), (12, "5874897-01-01"),
        (12, "infinity"), (12, "-infinity"), (12, None), (None, "2026-11-01"), (0, "2026-11-01"), (-24, "2026-11-01"),
        (13, "2026-11-01"),
    ],
)  # fmt: skip
async def test_only_months_of_the_log_are_made_and_dropped(connect, urls, function, months, month):
    service = await connect(SERVICE)
    before = await tables(service)
    with pytest.raises((asyncpg.InvalidParameterValueError, asyncpg.DatetimeFieldOverflowError)):
        await service.execute(f"SELECT {function}($1::smallint, $2::text::date)", months, month)
    assert await tables(service) == before


async def test_this_month_before_christ_is_not_this_month(kept, connect):
    service = await connect(SERVICE)
    with pytest.raises(asyncpg.InvalidParameterValueError, match="in no month of the log"):
        await service.execute("SELECT drop_partition(1::smallint, (to_char(now(), 'YYYY-MM') || '-01 BC')::date)")
    assert await service.fetchval("SELECT count(*) FROM event WHERE id = $1", kept.id) == 1


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
async def test_a_month_is_dropped_by_its_bounds_and_not_by_its_name(kept, connect, zone):
    owner, service = await connect(OWNER), await connect(SERVICE)
    await service.execute("SELECT set_config('timezone', $1, false)", zone)
    await service.execute("SELECT make_partition(1::smallint, '2020-02-29'), make_partition(1::smallint, '2020-03-01')")
    present = await owner.fetchval("SELECT tableoid::regclass::text FROM event")
    await owner.execute(f"ALTER TABLE {present} RENAME TO event_1_202004")
    await service.execute("SELECT drop_partition(1::smallint, '2020-04-01')")
    assert await service.fetchval("SELECT count(*) FROM event WHERE id = $1", kept.id) == 1
    await service.execute("SELECT drop_partition(1::smallint, '2020-02-01')")
    found = await tables(service)
    assert "event_1_202002" not in found
    assert {"event_1_202003", "event_1_202004"} <= found


async def test_what_else_it_keeps_is_the_service_s_own(urls, connect):
    service = await connect(SERVICE)
    await service.execute(
        "INSERT INTO dead_letter (durable, message, subject, body, reason) VALUES ('', '', '', '', '')"
    )
    for table in ("dead_letter", "chain", "arrived", "outbox", "inbox_consumer"):
        await service.execute(f"DELETE FROM {table}")  # noqa: S608 (names of ours)
    await service.execute("UPDATE outbox_state SET last_number = last_number")
    await service.execute("CREATE TEMP TABLE room (id int)")


async def test_privileges_are_given_again_with_every_migration(urls, connect):
    owner = await connect(OWNER)
    await owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {SERVICE}")
    assert await migrate(urls[OWNER], COMPONENTS, serves=urls[SERVICE]) == 0
    service = await connect(SERVICE)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await service.execute("DELETE FROM checkpoint")
