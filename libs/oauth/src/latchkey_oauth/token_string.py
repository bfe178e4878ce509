"""How codes, refresh tokens and the secrets of clients and resource servers are spelled.

A code is generation 0 of its connection and a refresh token any later one, in one format:

    prefix  base62( version 1 | MAC key id 2 | connection 16 | generation 4 | secret 20 | MAC 16 )  CRC32

80 digits, then 6. Integers are big-endian; the MAC is HMAC-SHA256 over the prefix and the bytes before it, cut to 16;
the CRC is over prefix and digits. Lengths are fixed, so each token has exactly one spelling.
"""

import hashlib
import hmac
import struct
from collections.abc import Mapping
from typing import Literal

import msgspec

from latchkey_oauth import base62

Kind = Literal["code", "refresh"]

CODE_PREFIX = "lk_ac_"
REFRESH_PREFIX = "lk_rt_"
CLIENT_SECRET_PREFIX = "lk_cs_"  # noqa: S105 - a prefix, not a password
RESOURCE_SERVER_SECRET_PREFIX = "lk_rs_"  # noqa: S105 - the same
SECRET_SIZE = 20
NONCE_SIZE = 16
OPAQUE_SIZE = 32
ATTEMPT_SIZE = 32
MAX_GENERATION = 2**32 - 1
MAX_KEY_ID = 2**16 - 1

_VERSION = 1
_CONNECTION_SIZE = 16
_MAC_SIZE = 16
_CLAIMS = struct.Struct(f">BH{_CONNECTION_SIZE}sI{SECRET_SIZE}s")
_SIZE = _CLAIMS.size + _MAC_SIZE
_PREFIX_LENGTH = len(CODE_PREFIX)
_LENGTH = _PREFIX_LENGTH + base62.width(_SIZE) + base62.CHECKSUM_LENGTH


class Presented(msgspec.Struct, frozen=True):
    """A code or refresh token whose MAC is ours. It says nothing yet about the connection being alive."""

    kind: Kind
    key_id: int
    connection: str  # 32 hexadecimal digits, lower case
    generation: int
    secret: bytes

    def __repr__(self) -> str:
        """Everything but the secret."""
        return f"Presented({self.kind}, connection={self.connection}, generation={self.generation})"


def seal(kind: Kind, connection: str, generation: int, secret: bytes, key_id: int, key: bytes) -> str:
    """Spell a code or refresh token; `ValueError` for a part of the wrong size or kind.

    `connection` is 32 hexadecimal digits, `secret` 20 random bytes, `key` the MAC key that `key_id` names.
    """
    if not 0 <= generation <= MAX_GENERATION or (kind == "code") != (generation == 0):
        raise ValueError("generation 0 is a code, every later one a refresh token")
    if len(secret) != SECRET_SIZE or not 0 <= key_id <= MAX_KEY_ID:
        raise ValueError("a token has a secret of 20 bytes and a key id of 16 bits")
    prefix = CODE_PREFIX if kind == "code" else REFRESH_PREFIX
    claims = _CLAIMS.pack(_VERSION, key_id, _connection(connection), generation, secret)
    text = prefix + base62.encode(claims + _mac(key, prefix, claims))
    return text + base62.checksum(text)


def open_sealed(text: str, keys: Mapping[int, bytes]) -> Presented | None:
    """Read a code or refresh token; `None` if any part of it is not exactly as `seal` spells it.

    `keys` maps the id of every MAC key that is still good to the key. Never raises, whatever the text.
    """
    prefix = text[:_PREFIX_LENGTH]
    if len(text) != _LENGTH or prefix not in {CODE_PREFIX, REFRESH_PREFIX}:
        return None
    raw = _unchecked(text, _SIZE)
    if raw is None:
        return None
    version, key_id, connection, generation, secret = _CLAIMS.unpack_from(raw)
    key = keys.get(key_id)
    if version != _VERSION or key is None or (prefix == CODE_PREFIX) != (generation == 0):
        return None
    if not hmac.compare_digest(_mac(key, prefix, raw[: _CLAIMS.size]), raw[_CLAIMS.size :]):
        return None
    return Presented("refresh" if generation else "code", key_id, connection.hex(), generation, secret)


def derive_secret(key: bytes, presented_secret: bytes, nonce: bytes, connection: str, generation: int) -> bytes:
    """Secret of a successor, the same each time it is asked for: 20 bytes.

    `presented_secret` (20 bytes) is the one the client showed, `nonce` (16) what the rotation wrote, `generation` the
    successor's. Fixed sizes keep this message apart from what a MAC is made over, so one key serves both.
    """
    if len(presented_secret) != SECRET_SIZE or len(nonce) != NONCE_SIZE:
        raise ValueError("a successor is derived from a secret of 20 bytes and a nonce of 16")
    if not 1 <= generation <= MAX_GENERATION:
        raise ValueError("a successor is of generation 1 or later")
    message = presented_secret + nonce + _connection(connection) + generation.to_bytes(4)
    return hmac.digest(key, message, "sha256")[:SECRET_SIZE]


def derive_code_secret(key: bytes, attempt: bytes) -> bytes:
    """Secret of the code of an attempt to authorize, the same each time it is asked for: 20 bytes.

    `attempt` (32 bytes) names it. Its size keeps this message apart from those of `derive_secret`.
    """
    if len(attempt) != ATTEMPT_SIZE:
        raise ValueError("an attempt has 32 bytes")
    return hmac.digest(key, attempt, "sha256")[:SECRET_SIZE]


def opaque(prefix: str, secret: bytes) -> str:
    """Spell 32 random bytes under a prefix such as `lk_cs_`, with the CRC over both."""
    if len(secret) != OPAQUE_SIZE:
        raise ValueError("an opaque string holds 32 bytes")
    text = prefix + base62.encode(secret)
    return text + base62.checksum(text)


def is_opaque(prefix: str, text: str) -> bool:
    """Whether `opaque` spells some 32 bytes this way. Never raises."""
    length = len(prefix) + base62.width(OPAQUE_SIZE) + base62.CHECKSUM_LENGTH
    return len(text) == length and text.startswith(prefix) and _unchecked(text, OPAQUE_SIZE) is not None


def secret_hash(secret: str | bytes) -> bytes:
    """SHA-256, 32 bytes, as stored. Enough for secrets of full entropy; passwords need a slow hash."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).digest()


def _unchecked(text: str, size: int) -> bytes | None:
    """Bytes between a prefix and a right CRC. The CRC comes first: it is the cheapest way to refuse noise."""
    body = text[: -base62.CHECKSUM_LENGTH]
    if not text.isascii() or base62.checksum(body) != text[-base62.CHECKSUM_LENGTH :]:
        return None
    return base62.decode(body[-base62.width(size) :], size)


def _connection(connection: str) -> bytes:
    raw = bytes.fromhex(connection)
    if raw.hex() != connection or len(raw) != _CONNECTION_SIZE:
        raise ValueError("a connection id is 32 hexadecimal digits, lower case")
    return raw


def _mac(key: bytes, prefix: str, claims: bytes) -> bytes:
    return hmac.digest(key, prefix.encode() + claims, "sha256")[:_MAC_SIZE]
