"""Permission sets that commands set up. Names are those of the catalogue."""

from typing import Final

Permissions = dict[str, tuple[str, ...]]

_ALL: Final = ("view", "create", "update", "remove")

DATA: Final[Permissions] = {
    "company": _ALL,
    "enduser": _ALL,
    "conversation": _ALL,
    "task": _ALL,
    "asset": _ALL,
}
MANAGEMENT: Final[Permissions] = {
    "oauthclient": ("view", "create", "update", "remove"),
    "connection": ("view", "remove"),
    "member": ("view", "create", "remove"),
    "auditlog": ("view",),
}
"""What the management API offers today."""

ADMIN: Final[Permissions] = {**DATA, **MANAGEMENT}
REP: Final[Permissions] = {"company": ("view", "update"), "enduser": ("view", "create", "update")}
