"""What kills, bars or lifts a client, and what each changes. How it stands is told by ``turn``."""

from collections.abc import Mapping
from typing import Final

import msgspec

from latchkey_contracts.events.client import (
    ClientCompromised,
    ClientDeleted,
    ClientDisabled,
    ClientEnabled,
    ClientLifted,
    ClientMadePublic,
    ClientSecretRotated,
    ClientTurned,
)


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Each bars by itself: who enables a compromised client does not lift it."""

    disabled: bool = False
    compromised: bool = False
    deleted: bool = False

    @property
    def barred(self) -> bool:
        return self.disabled or self.compromised or self.deleted


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """``sets`` names bars and their new values. ``always``: it turns the client though no bar changes."""

    event: type[ClientTurned]
    sets: Mapping[str, bool] = {}
    drops_secrets: bool = False
    always: bool = False

    def after(self, bars: Bars) -> Bars:
        return msgspec.structs.replace(bars, **self.sets)

    def moves(self, bars: Bars) -> bool:
        return self.always or self.after(bars) != bars


REGENERATE: Final = Turn(event=ClientSecretRotated, drops_secrets=True, always=True)
MAKE_PUBLIC: Final = Turn(event=ClientMadePublic, drops_secrets=True, always=True)
DISABLE: Final = Turn(event=ClientDisabled, sets={"disabled": True})
ENABLE: Final = Turn(event=ClientEnabled, sets={"disabled": False})
DELETE: Final = Turn(event=ClientDeleted, sets={"deleted": True}, drops_secrets=True)
COMPROMISE: Final = Turn(event=ClientCompromised, sets={"compromised": True}, drops_secrets=True)
LIFT: Final = Turn(event=ClientLifted, sets={"compromised": False})
