"""The part of the audit service that takes events in, as a process to kill: ``ingester.py DATABASE_URL NATS_URL``.

It ends with its standard input, and dies at ``CRASH_AT``.
"""

import asyncio
import os
import sys

import structlog

from latchkey_audit.ingest import ingesting
from latchkey_kit import crash, db
from latchkey_kit.messaging import bus


async def main(database_url, nats_url):
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with (
        db.connect(database_url) as database,
        bus.connecting(nats_url, "", "", "audit") as link,
        ingesting(database, link, kept=12),
    ):
        await reader.read()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if at := os.environ.get("CRASH_AT"):
        crash.arm(at)
    asyncio.run(main(*sys.argv[1:]))
