"""A verifier in a process of its own: ``paused_verifier.py ORIGIN HEADS_URL LEASE``.

A line in is a token; a line out is ``accepted``, or why not.
"""

import asyncio
import sys

import aiohttp
import structlog

from latchkey_kit.clock import SystemClock
from latchkey_kit.requests import Peer
from latchkey_verify import InvalidToken, NoLease, VerifierSettings, verifying


async def main(origin, url, lease):
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    wanted = VerifierSettings(issuer=origin, audiences=(f"{origin}/v1",), name="paused", lease=float(lease))
    async with aiohttp.ClientSession() as session:
        owners = Peer(session, url, "paused", "secret")
        async with verifying(wanted, owners, owners, None, SystemClock()) as verifier:
            while token := (await lines.readline()).decode().strip():
                sys.stdout.write(f"{await verdict(verifier, token, f'{origin}/v1')}\n")
                sys.stdout.flush()


async def verdict(verifier, token, audience):
    try:
        await verifier.check(token, audience)
    except InvalidToken as error:
        return error.reason
    except NoLease:
        return "no_lease"
    return "accepted"


structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # the other is for verdicts
asyncio.run(main(*sys.argv[1:]))
