"""Permission sets that commands set up. Names are those of the catalogue."""

from typing import Final

from latchkey_contracts.requests.permissions import PlainPermissions

_ALL: Final = ("view", "create", "update", "remove", "export")

DATA: Final[PlainPermissions] = {
    "company": _ALL,
    "enduser": _ALL,
    "conversation": _ALL,
    "task": _ALL,
    "asset": _ALL,
}
MANAGEMENT: Final[PlainPermissions] = {
    "oauthclient": ("view", "create", "update", "remove"),
    "connection": ("view", "remove"),
    "member": ("view", "create", "update", "remove"),
    "role": ("view", "create", "update", "remove"),
    "auditlog": ("view", "export"),
    "auditconsumer": ("view", "create", "update", "remove"),
}
"""What the management API offers today."""

ADMIN: Final[PlainPermissions] = {**DATA, **MANAGEMENT}
REP: Final[PlainPermissions] = {"company": ("view", "update"), "enduser": ("view", "create", "update")}
