"""Base62 of fixed length, at most 80 digits: one spelling for every byte string, and nothing else is accepted."""

import zlib
from functools import cache

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM_LENGTH = 6
MAX_DIGITS = 80

_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_PAIR = len(_PAIRS)
_PAIR_2, _PAIR_3 = _PAIR**2, _PAIR**3
_CHUNK_DIGITS = 10
_CHUNK = 62**_CHUNK_DIGITS  # below 2**63, where Python counts fastest

_DIGITS = bytes(max(ALPHABET.find(chr(code)), 0) for code in range(256))
_LANE = 16  # digits that are folded into one number of 128 bits before lanes are added up
_LANE_BITS = 8 * _LANE


def _folds() -> list[tuple[int, int, int]]:
    """List (shift, mask, weight) of the folds that turn lanes of 1, 2, 4, 8 digits into lanes of twice as many."""
    folds = []
    for digits in (1, 2, 4, 8):
        lane = b"\0" * digits + b"\xff" * digits
        folds.append((8 * digits, int.from_bytes(lane * (MAX_DIGITS // (2 * digits))), 62**digits))
    return folds


_FOLDS = _folds()


@cache
def width(size: int) -> int:
    """Digits that `size` bytes take, rounded up to an even number: they are written two at a time."""
    digits, largest = 0, (1 << 8 * size) - 1
    while largest:
        largest //= _PAIR
        digits += 2
    return digits


def encode(raw: bytes) -> str:
    """Spell bytes in `width(len(raw))` digits."""
    return _spell(int.from_bytes(raw), width(len(raw)))


def decode(text: str, size: int) -> bytes | None:
    """Bytes that `encode` spelled this way, `None` if no `size` bytes are."""
    if len(text) != width(size) or not (text.isascii() and text.isalnum()):
        return None
    # Neighbouring digits are added up all at once inside one large number: twice as fast as a loop over digits.
    lanes = int.from_bytes(text.encode().translate(_DIGITS))
    for shift, mask, weight in _FOLDS:
        lanes = ((lanes >> shift) & mask) * weight + (lanes & mask)
    number = 0
    for shift in range((len(text) - 1) // _LANE * _LANE_BITS, -1, -_LANE_BITS):
        number = number * 62**_LANE + ((lanes >> shift) & ((1 << _LANE_BITS) - 1))
    return None if number >> (8 * size) else number.to_bytes(size)


def checksum(text: str) -> str:
    """CRC32 of ASCII text in six digits: not a secret, it lets scanners and typists tell a slip from a string."""
    return _spell(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def _spell(number: int, digits: int) -> str:
    spelled = []
    for _ in range(digits // _CHUNK_DIGITS):
        number, chunk = divmod(number, _CHUNK)
        high, low = divmod(chunk, _PAIR_3)
        spelled.append(
            _PAIRS[high // _PAIR] + _PAIRS[high % _PAIR]
            + _PAIRS[low // _PAIR_2] + _PAIRS[low // _PAIR % _PAIR] + _PAIRS[low % _PAIR]
        )  # fmt: skip
    for _ in range(digits % _CHUNK_DIGITS // 2):
        number, pair = divmod(number, _PAIR)
        spelled.append(_PAIRS[pair])
    spelled.reverse()
    return "".join(spelled)
