"""What of a thing is not as it was, for the event that tells of it: bounded, so that every event can be sent."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from latchkey_contracts.events.base import Change, Value

MOST_BYTES: Final = 200_000
"""Of the values of an event's changes together: NATS takes no event of more than 256 kB."""
_MARK_BYTES: Final = 40


def differences(before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> tuple[Change, ...]:
    """What differs, in the order of ``before``; ``None`` for what was not there yet, or is there no more.

    Values that are too long together are cut: a text ends with ``…``, a list with how many are left out.
    """
    was, now = before or {}, after or {}
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return _bounded([Change(field=name, before=was.get(name), after=now.get(name)) for name in names])


def _bounded(found: Sequence[Change]) -> tuple[Change, ...]:
    share = _share([_size(value) for one in found for value in (one.before, one.after)])
    return tuple(Change(field=one.field, before=_cut(one.before, share), after=_cut(one.after, share)) for one in found)


def _share(sizes: Sequence[int]) -> int:
    """How long the longest may be: what the short ones leave is shared among the long ones."""
    left, many = MOST_BYTES, len(sizes)
    for size in sorted(sizes):
        if size * many > left:
            return left // many
        left -= size
        many -= 1
    return MOST_BYTES


def _size(value: Value) -> int:
    return len(msgspec.json.encode(value))


def _cut(value: Value, most: int) -> Value:
    if _size(value) <= most:
        return value
    if isinstance(value, str):
        # No character takes more than six bytes in JSON.
        return value[: (most - _MARK_BYTES) // 6] + "…"
    if isinstance(value, tuple):
        return _cut_list(value, most - _MARK_BYTES)
    return value


def _cut_list(words: tuple[str, ...], most: int) -> tuple[str, ...]:
    kept = 0
    for word in words:
        most -= _size(word) + 1
        if most < 0:
            break
        kept += 1
    return (*words[:kept], f"… and {len(words) - kept} more")
