"""Randomness as a parameter: secrets, nonces and ids all come from here."""

import os
from typing import Protocol

from latchkey_kit.clock import Clock


class Entropy(Protocol):
    """A source of unpredictable bytes."""

    def bytes(self, count: int) -> bytes: ...


class SystemEntropy:
    """The operating system's generator."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


def new_id(clock: Clock, entropy: Entropy) -> str:
    """Make an id: a UUIDv7 (RFC 9562 §5.7) as 32 hexadecimal digits. Ids made later sort later, by millisecond."""
    milliseconds = int(clock.now().timestamp() * 1000)
    value = int.from_bytes(milliseconds.to_bytes(6) + entropy.bytes(10))
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # RFC 9562 variant
    return f"{value:032x}"
