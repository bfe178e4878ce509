"""What consumers confirm is kept, and only ever grows."""

import msgspec
import pytest
from structlog.testing import capture_logs

from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_kit.messaging import receipts, relay
from latchkey_kit.messaging.numbering import number
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.telemetry import metrics
from latchkey_kit.testing import eventually

TENANT = "0" * 32
OTHER_EPOCH = "f" * 32


@pytest.fixture
async def told(database, outbox, make_event):
    """Five numbered events; gives their epoch."""
    async with database.session() as connection:
        for _ in range(5):
            await outbox.add(connection, make_event(), tenant=TENANT)
        assert await number(connection, 256) == 5
        return await connection.fetchval("SELECT epoch FROM outbox_state")


@pytest.fixture
def confirmed(database):
    async def read():
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT consumer, epoch, through FROM outbox_receipt")
        return {(row["consumer"], row["epoch"]): row["through"] for row in rows}

    return read


@pytest.fixture
def tell(database):
    async def tell(consumer, epoch, through):
        async with database.connection() as connection:
            receipt = Receipt(consumer=consumer, source="auth", epoch=epoch, through=through)
            return await receipts.keep(connection, receipt)

    return tell


async def test_a_receipt_that_comes_late_takes_nothing_back(told, tell, confirmed):
    for through in (2, 4, 3, 0, 4):
        assert await tell("audit", told, through) == ""
    assert await tell("token", told, 1) == ""
    assert await confirmed() == {("audit", told): 4, ("token", told): 1}


async def test_a_receipt_of_another_epoch_is_of_no_use(told, tell, confirmed):
    assert await tell("audit", OTHER_EPOCH, 3) == ""
    assert await confirmed() == {}


async def test_what_was_never_told_cannot_be_confirmed(told, tell, confirmed):
    assert "6" in await tell("audit", told, 6)
    assert await confirmed() == {}


async def test_receipts_are_heard_and_how_far_each_consumer_is_behind_is_shown(
    database, bus, told, confirmed, monkeypatch
):
    monkeypatch.setattr(relay, "_LOOK_SECONDS", 0.01)
    async with relaying(database, bus, consumers=("audit", "token")):

        async def heard():
            await receipts.confirm(bus, "audit", "client-registry", told, 3)
            return await confirmed() == {("audit", told): 3}

        await eventually(heard)
        await eventually(lambda: (_unconfirmed("audit"), _unconfirmed("token")) == (2, 5))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"[]", b'{"consumer":"audit","source":"client-registry","epoch":"no","through":1}',
        msgspec.json.encode(Receipt(consumer="token", source="client-registry", epoch=OTHER_EPOCH, through=1)),
        msgspec.json.encode(Receipt(consumer="audit", source="auth", epoch=OTHER_EPOCH, through=1)),
        b'{"consumer":"audit","source":"client-registry","epoch":"' + b"f" * 32 + b'","through":9223372036854775808}',
    ],
)  # fmt: skip
async def test_a_receipt_that_is_none_is_told_once_and_the_next_is_kept(database, bus, told, confirmed, body):
    with capture_logs() as lines:
        async with relaying(database, bus, consumers=("audit",)):

            async def refused():
                await bus.publish(receipt_subject("audit", "client-registry"), body)
                return [line for line in lines if line["event"] == "receipt_refused"]

            await eventually(refused)

            async def kept():
                await receipts.confirm(bus, "audit", "client-registry", told, 1)
                return await confirmed() == {("audit", told): 1}

            await eventually(kept)
    assert len([line for line in lines if line["event"] == "receipt_refused"]) == 1


def _unconfirmed(consumer):
    return metrics.registry.get_sample_value("latchkey_outbox_unconfirmed", {"consumer": consumer})
