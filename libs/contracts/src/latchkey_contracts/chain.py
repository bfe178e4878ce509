"""The hash chain of a tenant's log: each entry's hash covers the entry and the hash of the one before.

``hash(n) = SHA-256("latchkey.audit.1" ‖ tenant ‖ n ‖ recorded ‖ kept ‖ hash(n-1) ‖ SHA-256(body))``: tenant as 16
bytes, ``n`` and ``recorded`` (microseconds since 1970, UTC) as 8 bytes each, ``kept`` (for how many months the entry is
kept) as 2, big-endian; ``hash(0)`` is 32 zero bytes. ``body`` is the event as it was published, to the letter.
"""

import datetime as dt
import hashlib

GENESIS = bytes(32)
_PREFIX = b"latchkey.audit.1"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def link(before: bytes, *, tenant: str, position: int, recorded: dt.datetime, kept: int, body: bytes) -> bytes:
    """Hash of the entry at ``position``, given that of the entry before; ``kept`` is in months."""
    moment = (recorded - _EPOCH) // _MICROSECOND
    return hashlib.sha256(
        b"".join(
            (
                _PREFIX,
                bytes.fromhex(tenant),
                position.to_bytes(8, "big"),
                moment.to_bytes(8, "big", signed=True),
                kept.to_bytes(2, "big", signed=True),
                before,
                hashlib.sha256(body).digest(),
            )
        )
    ).digest()
