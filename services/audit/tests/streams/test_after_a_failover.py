"""The database, or the service, comes back from a moment ago: consumers miss nothing and get nothing twice."""

import msgspec
import pytest

from latchkey_audit.streams import stream
from latchkey_kit import db
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT


@pytest.fixture
def lose(audit):
    """The standby that took over has the log and the cursors only up to a position."""

    async def back(position, cursor):
        async with db.connect(audit.settings.database_url.reveal()) as database, database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("DELETE FROM event WHERE tenant_id = $1 AND position > $2", TENANT, position)
            await connection.execute(
                "UPDATE chain SET position = $2, hash = (SELECT hash FROM event WHERE tenant_id = $1 AND position = $2)"
                " WHERE tenant_id = $1",
                TENANT,
                position,
            )
            await connection.execute("UPDATE consumer SET published = $1, acked = least(acked, $1)", cursor)
            await connection.execute(ENDED)

    return back


ENDED = """
    SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 108486
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.mark.parametrize("cursor", [7, 10])  # the second: the log alone was restored
async def test_what_took_the_place_of_lost_entries_comes(
    cursor, lose, publish, make_event, make_consumer, reading, recorded, positions, log
):
    consumer = await make_consumer()
    await publish(*(make_event() for _ in range(9)))
    reader = await reading(consumer)
    assert positions(await reader.next(10)) == list(range(1, 11))
    await eventually(lambda: log("SELECT published = 10 FROM consumer"))
    await lose(7, cursor)
    await eventually(lambda: log("SELECT published = 7 FROM consumer"))
    others = [make_event() for _ in range(3)]
    await publish(*others)
    messages = await reader.next(3)
    assert positions(messages) == [8, 9, 10]
    assert [msgspec.json.decode(one.data)["id"] for one in messages] == [one.id for one in others]


async def test_what_the_stream_took_comes_once_however_late_that_is_noted(
    serving_audit, make_database, owners, http, publish, make_event, reading, positions, monkeypatch
):
    """As after a kill between the two, of which the stream has forgotten the message ids."""
    monkeypatch.setattr(stream._CONFIG, "duplicate_window", 0.1)
    url, sent = Secret(make_database("latchkey_audit")), {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    async with serving_audit(database_url=url) as audit:
        await audit.ready()
        async with http.post(f"{audit.public_url}/v1/audit-consumers", json={"name": "x"}, headers=sent) as response:
            consumer = await response.json()
        await publish(*(make_event() for _ in range(9)))
        reader = await reading(consumer)
        assert positions(await reader.next(10)) == list(range(1, 11))
    async with db.connect(url.reveal()) as database, database.connection() as connection:
        await connection.execute("UPDATE consumer SET published = 5, acked = least(acked, 5)")
    async with serving_audit(database_url=url) as audit:
        await audit.ready()
        await publish(make_event())
        rest = positions(await reader.next(1))
        rest += positions(await reader.next(50, patience=2))
    assert rest == list(range(min(rest), max(rest) + 1))
    assert min(rest) > 10
