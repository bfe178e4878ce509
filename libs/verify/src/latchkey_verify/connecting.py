"""A verifier for an API that is none of ours: all it needs in one call."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_kit.clock import Clock, SystemClock
from latchkey_kit.messaging import bus
from latchkey_kit.opening import Peers
from latchkey_verify.heads import Heads
from latchkey_verify.verifier import Verifier, VerifierSettings, verifying


@contextlib.asynccontextmanager
async def connect(
    *audiences: str,
    origin: str,
    heads_urls: str,
    name: str,
    secret: str,
    permissions_url: str = "",
    nats_url: str = "",
    nats_user: str = "",
    nats_password: str = "",
    clock: Clock | None = None,
) -> AsyncIterator[Verifier]:
    """Keep a verifier for the time of the block, in one task or with ``async with`` of an `AsyncExitStack`.

    ``audiences`` are your API's, by exact value; ``origin`` is the issuer. ``heads_urls`` are the addresses of all
    heads, comma-separated. ``name`` and ``secret`` are your resource server's. Without ``permissions_url`` there are no
    rights to ask for; without ``nats_url`` no pushes, and a kill takes one pull: a quarter of a second.
    """
    wanted = VerifierSettings(issuer=origin, audiences=audiences, name=name)
    async with contextlib.AsyncExitStack() as stack:
        peers = Peers(await stack.enter_async_context(aiohttp.ClientSession()), name, secret)
        heads = heads_of(peers, heads_urls)
        stack.push_async_callback(heads.close)
        connecting = bus.connecting(nats_url, nats_user, nats_password, name) if nats_url else contextlib.nullcontext()
        pushes = await stack.enter_async_context(connecting)
        made = verifying(wanted, heads, peers.at(permissions_url), pushes, clock or SystemClock())
        yield await stack.enter_async_context(made)


def heads_of(peers: Peers, urls: str) -> Heads:
    """All heads at addresses that are parted by commas."""
    return Heads([peers.at(url.strip()) for url in urls.split(",") if url.strip()])
