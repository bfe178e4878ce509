"""How a service of ours embeds the verifier: with its own settings and connections."""

import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from latchkey_kit.clock import Clock
from latchkey_kit.opening import Peers
from latchkey_verify.connecting import heads_of
from latchkey_verify.verifier import Bus, Verifier, VerifierSettings, verifying


class EmbeddingSettings(Protocol):
    """What a service is told anyway. The addresses are those of internal ports."""

    @property
    def origin(self) -> str: ...
    @property
    def heads_urls(self) -> str: ...
    @property
    def permissions_url(self) -> str: ...


@contextlib.asynccontextmanager
async def embedding(
    settings: EmbeddingSettings, name: str, *audiences: str, peers: Peers, bus: Bus, clock: Clock
) -> AsyncIterator[Verifier]:
    """Keep a verifier for the time of the block. ``name`` is the service's own, as owners know it."""
    heads = heads_of(peers, settings.heads_urls)
    wanted = VerifierSettings(issuer=settings.origin, audiences=audiences, name=name)
    try:
        async with verifying(wanted, heads, peers.at(settings.permissions_url), bus, clock) as verifier:
            yield verifier
    finally:
        await heads.close()
