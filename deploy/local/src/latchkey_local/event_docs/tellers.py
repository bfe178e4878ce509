"""Who tells which event, by what NATS lets each user publish."""

import re
from collections.abc import Iterator

from latchkey_local.bus import FOLDER

_USER = re.compile(r"^\s+user: ([a-z-]+), password")
_FACT = re.compile(r'^\s+"lk\.v1\.\*\.([a-z]+)\.(?:>|\*\.([a-z_]+))"')


def tellers(event_type: str) -> list[str]:
    """Services that may tell events of this type."""
    aggregate, _, happened = event_type.partition(".")
    rights = [(who, which) for who, what, which in _rights() if what == aggregate]
    just_this = {who for who, which in rights if which == happened}
    return sorted(just_this or {who for who, which in rights if which is None})


def _rights() -> Iterator[tuple[str, str, str | None]]:
    """Yield service, aggregate, and the event where it may tell only this one of the aggregate."""
    user = ""
    for line in (FOLDER / "server.conf").read_text().splitlines():
        if named := _USER.match(line):
            user = named[1]
        elif fact := _FACT.match(line):
            yield user, fact[1], fact[2]
