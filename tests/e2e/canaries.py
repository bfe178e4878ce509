"""Canaries: secrets that are let loose in every flow, and how to know one again wherever it turns up."""

import base64
import re
import secrets  # noqa: TID251 - nothing here needs to be repeatable
import string

from latchkey_oauth import base62

ALPHABET = string.ascii_letters + string.digits
SHORTEST, CORE, PIECE = 12, 24, 12
_RUN = re.compile(rb"[0-9A-Za-z_+/-]{%d,}" % PIECE)
_TYPED = re.compile(r"lk_(ac|rt|cs)_([0-9A-Za-z]+)")
_SIZES = {"ac": 59, "rt": 59, "cs": 32}
_SECRET_WITHIN = {"ac": slice(23, 43), "rt": slice(23, 43), "cs": slice(0, 32)}
"""Where the secret stands in the bytes of a code or refresh token (`latchkey_oauth.token_string`)."""


class Canaries(set[str]):
    """Every secret that a test made up or was given. ``labels`` say what those were that were made up."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}

    def hatch(self, label: str, shape: str = "{}") -> str:
        """A new secret. ``shape`` has its place in braces: ``lk_cs_{}`` looks like a client secret."""
        value = shape.format("".join(secrets.choice(ALPHABET) for _ in range(48)))
        return self.watch(label, value)

    def watch(self, label: str, value: str) -> str:
        """A secret that is there already."""
        self.add(value)
        self.labels[value] = label
        return value

    def net(self) -> "Net":
        """For all of them, however they are spelled."""
        found: dict[bytes, str] = {}
        for value in self:
            if len(value) >= SHORTEST:
                found |= dict.fromkeys(_needles(value), self._name(value))
        return Net(found)

    def _name(self, value: str) -> str:
        return self.labels.get(value, f"what begins with {value[:8]!r}")


class Net:
    """Finds any of very many texts in one pass: runs of what texts are made of are looked up piece by piece."""

    def __init__(self, needles: dict[bytes, str]) -> None:
        self._names = needles
        self._by_start: dict[bytes, list[bytes]] = {}
        self._other: list[bytes] = []
        for needle in needles:
            if _RUN.fullmatch(needle):
                self._by_start.setdefault(needle[:PIECE], []).append(needle)
            else:
                self._other.append(needle)

    def __len__(self) -> int:
        return len(self._names)

    def catch(self, data: bytes, *, as_text: bool = False) -> set[str]:
        """Names of what is in there; ``as_text`` leaves out secrets as bytes, which takes long in large files."""
        caught = set() if as_text else {self._names[needle] for needle in self._other if needle in data}
        starts = self._by_start
        for found in _RUN.finditer(data):
            run = found[0]
            for place in range(len(run) - PIECE + 1):
                if (piece := run[place : place + PIECE]) in starts:
                    caught |= {self._names[one] for one in starts[piece] if run.startswith(one, place)}
        return caught


def _core(value: str) -> str:
    """The middle of what is secret in it, so that a piece that was cut off is found, too.

    Letters and digits look the same in a URL, in JSON and in a Python literal.
    """
    inner = value.rpartition(".")[2] if value.startswith("eyJ") else value  # a JWT without its signature opens nothing
    start = max(0, (len(inner) - CORE) // 2)
    return inner[start : start + CORE]


def _needles(value: str) -> set[bytes]:
    core = _core(value).encode()
    found = {core, *_encoded(core)}
    if typed := _TYPED.fullmatch(value):
        kind, digits = typed.groups()
        raw = base62.decode(digits[: base62.width(_SIZES[kind])], _SIZES[kind])
        if raw is not None:
            inner = raw[_SECRET_WITHIN[kind]]
            found |= {inner, *_encoded(inner)}
    return found


def _encoded(raw: bytes) -> set[bytes]:
    """In hexadecimal, and in base64 wherever it begins in the text around it."""
    found = {raw.hex().encode(), raw.hex().upper().encode()}
    for before in range(3):
        for altchars in (b"+/", b"-_"):
            text = base64.b64encode(b"\0" * before + raw, altchars).rstrip(b"=")
            found.add(text[4 if before else 0 : -1])  # the digits at the ends hold bits of the neighbours
    return found
