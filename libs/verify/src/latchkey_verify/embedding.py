"""How a service of ours embeds the verifier: with its own settings, credential and connections."""

import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

import aiohttp

from latchkey_kit.clock import Clock
from latchkey_kit.requests import Peer
from latchkey_kit.settings import Secret
from latchkey_verify.heads import Heads
from latchkey_verify.verifier import Bus, Verifier, VerifierSettings, verifying


class EmbeddingSettings(Protocol):
    """What a service is told anyway. The addresses are those of internal ports."""

    @property
    def origin(self) -> str: ...
    @property
    def internal_secret(self) -> Secret: ...
    @property
    def heads_urls(self) -> str: ...
    @property
    def permissions_url(self) -> str: ...


@contextlib.asynccontextmanager
async def embedding(
    settings: EmbeddingSettings,
    name: str,
    audiences: tuple[str, ...],
    *,
    session: aiohttp.ClientSession,
    bus: Bus,
    clock: Clock,
) -> AsyncIterator[Verifier]:
    """Keep a verifier for the time of the block. ``name`` is the service's own, as owners know it."""
    secret = settings.internal_secret.reveal()
    heads = Heads([Peer(session, url.strip(), name, secret) for url in settings.heads_urls.split(",")])
    permissions = Peer(session, settings.permissions_url, name, secret)
    wanted = VerifierSettings(issuer=settings.origin, audiences=audiences, name=name)
    try:
        async with verifying(wanted, heads, permissions, bus, clock) as verifier:
            yield verifier
    finally:
        await heads.close()
