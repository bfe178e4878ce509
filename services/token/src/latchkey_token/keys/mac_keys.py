"""The keys behind codes and refresh tokens: made once, at the first start, and kept sealed."""

from collections.abc import Mapping

import msgspec

from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.sealing import Sealer
from latchkey_token.store import keys as store
from latchkey_token.store.keys import MacUse, SealedMacKey

_SIZE = 32


class MacKeys(msgspec.Struct, frozen=True, kw_only=True):
    """``keys`` holds every MAC key that is still good, by its id; new strings are made with the current one.

    ``derive`` makes the secret of a successor; it outlives every change of MAC key, or a twin would miss its own.
    """

    current_id: int
    keys: Mapping[int, bytes]
    derive: bytes

    @property
    def current(self) -> bytes:
        return self.keys[self.current_id]

    def __repr__(self) -> str:
        """Ids only: the rest is secret."""
        return f"MacKeys(current_id={self.current_id}, ids={sorted(self.keys)})"


async def load_mac_keys(database: Database, sealer: Sealer, entropy: Entropy) -> MacKeys:
    """Open the keys, and make them when there are none. Safe to run in several processes at once."""
    async with database.transaction() as connection:
        await store.lock(connection)
        sealed = await store.mac_keys(connection)
        if not sealed:
            sealed = (_make(1, "mac", sealer, entropy), _make(2, "derive", sealer, entropy))
            for key in sealed:
                await store.add_mac_key(connection, key)
    opened = {(key.use, key.id): sealer.open(key.key, _purpose(key.use, key.id)) for key in sealed}
    macs = {number: key for (use, number), key in opened.items() if use == "mac"}
    (derive,) = (key for (use, _), key in opened.items() if use == "derive")
    return MacKeys(current_id=max(macs), keys=macs, derive=derive)


def _make(number: int, use: MacUse, sealer: Sealer, entropy: Entropy) -> SealedMacKey:
    return SealedMacKey(number, use, sealer.seal(entropy.bytes(_SIZE), _purpose(use, number)))


def _purpose(use: MacUse, number: int) -> str:
    return f"{use} key {number}"
