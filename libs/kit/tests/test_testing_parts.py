"""The fixtures that every service's tests stand on."""

import asyncpg
import nats as nats_client


async def test_a_database_is_migrated_and_fresh_for_each_call(make_database):
    first, second = make_database(), make_database()
    assert first != second
    connection = await asyncpg.connect(first)
    await connection.execute("UPDATE outbox_state SET last_number = 7")
    await connection.close()
    connection = await asyncpg.connect(second)
    assert await connection.fetchval("SELECT last_number FROM outbox_state") == 0
    await connection.close()


async def test_the_stream_is_there_and_empty(nats):
    client = await nats_client.connect(nats)
    info = await client.jetstream().stream_info("LATCHKEY")
    assert info.state.messages == 0
    await client.jetstream().publish("lk.v1._.client.x.created", b"{}")
    await client.close()


async def test_the_stream_is_empty_again(nats):
    client = await nats_client.connect(nats)
    assert (await client.jetstream().stream_info("LATCHKEY")).state.messages == 0
    await client.close()
