"""How far an outbox has told everything: for whoever reads its tables and wants to know what is in them."""

from latchkey_kit.messaging.numbering import number
from latchkey_kit.messaging.outbox import position

TENANT = "0" * 32


async def test_only_what_has_a_number_counts(database, outbox, make_event):
    async with database.session() as connection:
        epoch = await connection.fetchval("SELECT epoch FROM outbox_state")
        assert await position(connection) == (epoch, 0)
        await outbox.add(connection, make_event(), tenant=TENANT)
        assert (await position(connection)).number == 0
        await number(connection, 256)
        assert await position(connection) == (epoch, 1)
