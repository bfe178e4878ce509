"""Secrets at rest: AES-256-GCM under a master key, bound to what they are for."""

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from latchkey_kit.entropy import Entropy

_KEY = 32
_NONCE = 12


class SealError(Exception):
    """The master key is malformed, or does not open what is stored."""


def master(text: str) -> bytes:
    """Read a master key: base64 of 32 bytes.

    Raises:
        SealError: it is something else.

    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY:
        raise SealError("the master key must be 32 bytes in base64")
    return key


class Sealer:
    """``master_key`` is base64 of 32 bytes. ``purpose`` is authenticated: a signing key does not open as a MAC key."""

    def __init__(self, master_key: str, entropy: Entropy) -> None:
        self._cipher = AESGCM(master(master_key))
        self._entropy = entropy

    def seal(self, secret: bytes, purpose: str) -> bytes:
        nonce = self._entropy.bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except (InvalidTag, ValueError):
            raise SealError("the master key does not open what is stored; was it replaced?") from None
