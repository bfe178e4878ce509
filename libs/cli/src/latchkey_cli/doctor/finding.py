"""What a check says: a line for people, an object for programs."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from latchkey_cli.doctor.patient import Patient

State = Literal["ok", "warn", "FAIL"]


class Finding(msgspec.Struct, frozen=True):
    """``words`` say what was seen, ``advice`` what to do next; an ``ok`` needs none."""

    state: State
    check: str
    words: str
    advice: str = ""


Check = Callable[["Patient"], Awaitable[list[Finding]]]
"""Looks at one thing. Whatever is broken is a finding, never an exception."""


def ok(check: str, words: str) -> Finding:
    return Finding("ok", check, words)


def warn(check: str, words: str, advice: str) -> Finding:
    return Finding("warn", check, words, advice)


def fail(check: str, words: str, advice: str) -> Finding:
    return Finding("FAIL", check, words, advice)
