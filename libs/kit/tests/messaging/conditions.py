"""What tests of messaging wait for."""


async def equal(ask, wanted):
    return await ask() == wanted


async def all_marked(database):
    """Whether NATS has taken every event of the outbox."""
    async with database.connection() as connection:
        return await connection.fetchval("SELECT count(*) = 0 FROM outbox WHERE published_at IS NULL")
