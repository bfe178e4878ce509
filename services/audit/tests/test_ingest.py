"""Each event is in the log once, whoever dies, whoever reads beside, and whatever the stream lost."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import msgspec
import nats as nats_client
import pytest
from nats.js.api import ConsumerConfig

from latchkey_audit import gaps, receipts
from latchkey_audit.ingest import ingesting
from latchkey_audit.receipts import Receipts
from latchkey_audit.store import log
from latchkey_contracts import chain
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.auth import UserSignedIn
from latchkey_contracts.receipts import receipt_subject
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.tasks import alongside
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

SCRIPT = Path(__file__).with_name("ingester.py")
TENANTS = [TENANT, "e" * 32, "f" * 32]


@pytest.fixture
def url(make_database):
    return make_database("latchkey_audit")


@pytest.fixture
async def database(url):
    async with db.connect(url) as database:
        yield database


@pytest.fixture
async def link(nats):
    async with bus.connecting(nats, "", "", "audit") as connected:
        await connected.up.wait()
        yield connected


@pytest.fixture
def outbox():
    return Outbox("auth", SystemClock(), SystemEntropy())


@pytest.fixture
async def source(make_database, nats):
    """A service that tells facts: its database and its connection."""
    async with db.connect(make_database()) as own, bus.connecting(nats, "", "", "auth") as link:
        await link.up.wait()
        yield own, link


@pytest.fixture
def write(source, outbox):
    async def add(count):
        made = []
        async with source[0].transaction() as connection:
            for number in range(count):
                user = new_id(SystemClock(), SystemEntropy())
                tenant = TENANTS[number % len(TENANTS)]
                await outbox.add(connection, UserSignedIn(user=user), tenant=tenant, user=user)
                made.append(user)
        return made

    return add


@pytest.fixture
def kept(database):
    """Whose sign-ins are in the log, each as often as it is there; every chain is whole."""

    async def read():
        async with database.connection() as connection, connection.transaction(isolation="repeatable_read"):
            rows = await connection.fetch("SELECT * FROM event ORDER BY tenant_id, position")
            ends = await connection.fetch("SELECT tenant_id, position, hash FROM chain")
        reached = {}
        for row in rows:
            position, before = reached.get(row["tenant_id"], (0, chain.GENESIS))
            assert row["position"] == position + 1
            linked = chain.link(
                before,
                tenant=row["tenant_id"],
                position=row["position"],
                recorded=row["recorded"],
                kept=row["kept"],
                body=row["body"],
            )
            assert row["hash"] == linked
            reached[row["tenant_id"]] = (row["position"], linked)
        assert reached == {row["tenant_id"]: (row["position"], row["hash"]) for row in ends if row["position"]}
        return sorted(row["user_id"] for row in rows)

    return read


async def equal(read, wanted):
    return await read() == sorted(wanted)


async def test_an_event_that_is_in_a_batch_twice_is_one_entry(database, make_event, kept):
    made = [make_event(user=f"{number:032x}", after=number % 2) for number in range(499)]
    deliveries = [Delivery(one, msgspec.json.encode(one)) for one in (*made[:300], made[17], *made[300:])]
    async with database.transaction() as connection:
        await log.add(connection, [log.coming(one) for one in deliveries], kept=12)
    assert await kept() == [one.userid for one in made]


async def test_two_that_read_the_same_stream_keep_each_event_once(url, database, link, nats, source, write, kept):
    made = await write(1000)
    async with (
        db.connect(url) as other,
        bus.connecting(nats, "", "", "audit") as another,
        ingesting(database, link, kept=12),
        ingesting(other, another, kept=12),
        relaying(*source),
    ):
        made += await write(1000)
        await eventually(lambda: _held(database, len(made)), 60)
    assert await kept() == sorted(made)


async def _held(database, count):
    async with database.connection() as connection:
        return await connection.fetchval("SELECT coalesce(sum(position), 0) FROM chain") >= count


async def test_the_same_events_brought_by_two_at_once_are_kept_once(url, database, make_event, kept):
    made = [make_event(user=f"{number:032x}", tenant=TENANTS[number % 3]) for number in range(60)]
    deliveries = [Delivery(one, msgspec.json.encode(one)) for one in made]
    mixed = [deliveries, deliveries[::-1], deliveries[20:], deliveries[::2], deliveries[1::2]]

    async def bring(some):
        async with database.transaction() as connection:
            await log.add(connection, [log.coming(one) for one in some], kept=12)

    await asyncio.gather(*(bring(some) for some in mixed * 3))
    assert await kept() == [one.userid for one in made]


@pytest.mark.parametrize("point", ["after_commit", "before_ack", "after_ack"])
async def test_a_death_at_the_worst_moment_loses_and_doubles_nothing(
    url, database, nats, link, source, write, kept, point
):
    config = ConsumerConfig(name="audit", durable_name="audit", filter_subjects=["lk.v1.>"], ack_wait=1)
    await link.client.jetstream(timeout=30).add_consumer("LATCHKEY", config)
    made = []
    async with relaying(*source):
        for times in (2, 3, 6):
            async with _process(url, nats, f"{point}:{times}") as mortal:
                death = asyncio.ensure_future(mortal.wait())
                while not death.done():
                    made += await write(40)
                    await asyncio.wait([death], timeout=0.01)
                assert death.result() == -signal.SIGKILL
        async with _process(url, nats):
            await eventually(lambda: _held(database, len(made)), 60)
    assert await kept() == sorted(made)


@contextlib.asynccontextmanager
async def _process(url, nats, crash_at=""):
    child = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, url, nats, stdin=asyncio.subprocess.PIPE, env=os.environ | {"CRASH_AT": crash_at}
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        child.stdin.close()
        await child.wait()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(receipts, "_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(gaps, "PATIENCE_SECONDS", 0.2)


@pytest.fixture
async def stream(nats):
    client = await nats_client.connect(nats)
    yield client.jetstream()
    await client.close()


async def _published(source, count, stream):
    async def there():
        async with source[0].connection() as connection:
            return await connection.fetchval("SELECT count(published_at) FROM outbox") == count

    await eventually(there)
    return (await stream.stream_info("LATCHKEY")).state.last_seq


async def test_what_the_stream_lost_is_asked_for_and_filled_in(impatient, database, link, source, write, kept, stream):
    async with relaying(*source, consumers=("audit",)):
        made = await write(30)
        await _published(source, 30, stream)
        for lost in (3, 4, 5, 17):
            await stream.delete_msg("LATCHKEY", lost)
        async with (
            ingesting(database, link, kept=12),
            alongside(Receipts(database, link, SystemClock()).send_for_ever()),
        ):
            await eventually(lambda: equal(kept, made), 30)
            await eventually(lambda: _confirmed(source, 30))


async def _confirmed(source, through):
    async with source[0].connection() as connection:
        return await connection.fetchval("SELECT through FROM outbox_receipt") == through


async def test_what_is_parked_is_not_asked_for_while_it_is(impatient, database, link, source, write, kept, stream):
    made, heard = await write(10), []
    async with source[0].transaction() as connection:
        await connection.execute(
            "UPDATE outbox SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"time\":', '\"when\":'), 'UTF8')"
            " WHERE id = (SELECT id FROM outbox ORDER BY created_at, id OFFSET 4 LIMIT 1)"
        )
    async with (
        relaying(*source, consumers=("audit",)),
        ingesting(database, link, kept=12) as letters,
        alongside(Receipts(database, link, SystemClock()).send_for_ever()),
    ):
        await _published(source, 10, stream)
        await eventually(lambda: equal(kept, made[:4] + made[5:]))
        await eventually(lambda: _confirmed(source, 4))
        await source[1].subscribe(receipt_subject("audit", "auth"), heard.append)
        await eventually(lambda: len(heard) > 2 * gaps.PATIENCE_SECONDS / receipts._EVERY_SECONDS)
        assert not [one for one in heard if b"missing" in one]
        async with source[0].connection() as connection:
            body = await connection.fetchval("SELECT body FROM outbox WHERE number = 5")
        assert (await stream.stream_info("LATCHKEY")).state.last_seq == 10
        await _repair(database, body)
        (letter,) = await letters.page(0)
        assert await letters.retry(letter["id"]) is None
        await eventually(lambda: equal(kept, made))
        await eventually(lambda: _confirmed(source, 10))


async def _repair(database, body):
    """As when a release that can read it comes."""
    async with database.connection() as connection:
        fields = "epoch", "number"
        epoch, number = await connection.fetchrow(f"SELECT {', '.join(fields)} FROM dead_letter")  # noqa: S608 (ours)
        whole = body.replace(b'"when":', b'"time":')[:-1] + b',"epoch":"%s","sequence":%d}' % (epoch.encode(), number)
        assert msgspec.json.decode(whole, type=CloudEvent).sequence == number
        await connection.execute("UPDATE dead_letter SET body = $1", whole)


async def test_poison_between_good_ones_is_parked_alone(database, link, source, write, kept, stream):
    made = await write(20)
    async with ingesting(database, link, kept=12), relaying(*source):
        for body in (b"", b'{"id":', b"[" * 100_000, b'{"id":"\\ud800"}', b"\xff"):
            await stream.publish(f"lk.v1.{TENANT}.user.x.signed_in", body)
        made += await write(20)
        await eventually(lambda: equal(kept, made))
        await eventually(lambda: _parked(database, 5))


async def _parked(database, count):
    async with database.connection() as connection:
        return await connection.fetchval("SELECT count(*) FROM dead_letter") == count
