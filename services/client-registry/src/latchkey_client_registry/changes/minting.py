"""New client secrets."""

import msgspec

from latchkey_client_registry.store import secrets
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection
from latchkey_kit.entropy import Entropy, new_id
from latchkey_oauth.token_string import CLIENT_SECRET_PREFIX, OPAQUE_SIZE, opaque, secret_hash

_ENDING = 4


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """``ending``: its last four characters."""

    id: str
    secret: str
    ending: str

    def __repr__(self) -> str:
        """Everything but the secret."""
        return f"Minted({self.id}, ending={self.ending})"


class Minting:
    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy

    async def into(self, connection: Connection, client: str, secret: str | None = None) -> Minted:
        """Give a client a secret more: a fresh one, or one that the operator has chosen."""
        secret = secret or opaque(CLIENT_SECRET_PREFIX, self._entropy.bytes(OPAQUE_SIZE))
        minted = Minted(id=new_id(self._clock, self._entropy), secret=secret, ending=secret[-_ENDING:])
        await secrets.insert(connection, minted.id, client, secret_hash(secret), minted.ending)
        return minted
