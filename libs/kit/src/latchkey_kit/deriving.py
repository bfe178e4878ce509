"""Keys for many purposes from one master key: HKDF-SHA256 (RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_LENGTH = 32


def derive(master: bytes, purpose: str) -> bytes:
    """Give the 32 bytes for a purpose, such as ``checkpoint``. Those of one tell nothing of those of another."""
    return HKDF(SHA256(), _LENGTH, salt=None, info=b"latchkey " + purpose.encode()).derive(master)
