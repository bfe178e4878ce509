"""NATS keys: Ed25519 in the text form that NATS knows them by (https://docs.nats.io, nkeys).

By hand, and not with the library of that name, for it comes as source only; images are built of wheels alone.
"""

import base64
import binascii
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Kind = Literal["operator", "account", "user"]
_KINDS: dict[Kind, int] = {"operator": 14 << 3, "account": 0, "user": 20 << 3}
_SEED = 18 << 3


class Nkey:
    """A key pair; ``seed`` is 32 bytes."""

    def __init__(self, kind: Kind, seed: bytes) -> None:
        prefix = _KINDS[kind]
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = _text(bytes([_SEED | prefix >> 5, (prefix & 31) << 3]) + seed)
        self.public = _text(bytes([prefix]) + self._private.public_key().public_bytes_raw())
        """The name of whoever holds the key: 56 characters, the first is ``O``, ``A`` or ``U``."""

    def sign(self, content: bytes) -> bytes:
        """Give the 64 bytes of the signature."""
        return self._private.sign(content)

    def reveal(self) -> str:
        """Give the seed as text, for the credentials of whoever holds it."""
        return self._seed


def _text(content: bytes) -> str:
    checked = content + binascii.crc_hqx(content, 0).to_bytes(2, "little")
    return base64.b32encode(checked).rstrip(b"=").decode()
