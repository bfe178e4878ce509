"""A service as small as can be, run as a process of its own: ``small_service.py write|read DATABASE_URL NATS_URL``.

``write`` does one operation for each line that it is sent and says the line back once that is committed; its relay
publishes the event of it. ``read`` writes one row for each event. Both end with their standard input, and die at
``CRASH_AT``.
"""

import asyncio
import contextlib
import os
import sys

import structlog

from latchkey_contracts.events.client import ClientUpdated
from latchkey_kit import crash, db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying

TENANT = "0" * 32


async def write(database, link):
    outbox = Outbox("client-registry", SystemClock(), SystemEntropy())
    async with relaying(database, link):
        async for operation in lines():
            async with database.transaction() as connection:
                is_new = await connection.fetchval(
                    "INSERT INTO operation (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", operation
                )
                if is_new:
                    event = ClientUpdated(client=operation, changed=("name",), revision=1)
                    await outbox.add(connection, event, tenant=TENANT)
            print(operation, flush=True)  # noqa: T201 - this is the acknowledgement


async def read(database, link):
    async def apply(connection, event):
        await connection.execute("INSERT INTO effect (id, reader) VALUES ($1, $2)", event.subject, os.getpid())

    async with consuming(database, link, durable="token", subjects=("lk.v1.*.client.>",), apply=apply):
        async for _ in lines():
            pass


async def lines():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().strip()


async def main(role, database_url, nats_url):
    name = f"{role}-{os.getpid()}"
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(db.connect(database_url, application=name))
        link = await stack.enter_async_context(bus.connecting(nats_url, "", "", role))
        await {"write": write, "read": read}[role](database, link)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if at := os.environ.get("CRASH_AT"):
        crash.arm(at)
    asyncio.run(main(*sys.argv[1:]))
