"""How long entries are kept changes only where the operator changed it: what comes for a shorter time is gone early."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from latchkey_cli.audit_verify.columns import fact
from latchkey_cli.audit_verify.found import Finding
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.audit import AuditRetentionChanged

_ON_ITS_WAY = dt.timedelta(hours=1)


class _Change(msgspec.Struct, frozen=True):
    position: int
    event: str
    recorded: dt.datetime
    former: int
    months: int


class Kept:
    """Sees the entries of a chain in order."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._changes: list[_Change] = []
        self._told: list[AuditRetentionChanged] = []
        self._newest: dt.datetime | None = None

    def see(self, row: Any, event: CloudEvent) -> None:
        months = row["kept"]
        if self._last is not None and months != self._last:
            self._changes.append(_Change(row["position"], row["id"], row["recorded"], self._last, months))
        self._last, self._newest = months, row["recorded"]
        told = fact(event, AuditRetentionChanged)
        if told is not None:
            self._told.append(told)

    def jump(self) -> None:
        """What lay between was let go, and with it perhaps what told of a change."""
        self._last = None

    def finding(self, tenant: str, months: int | None, forgotten: Sequence[int]) -> Finding | None:
        """Give the first change that nothing explains. ``months``: for which what comes next is kept.

        ``forgotten``: where stretches begin that were let go; the event that told of a change may have been in one.
        """
        told = iter(self._told)
        for change in self._changes:
            at = change.former
            while at != change.months and (one := next(told, None)) is not None:
                at = one.months if one.former == at else at
            if at != change.months and not self._excused(change, months, forgotten):
                words = f"it is kept for {change.months} months, the one before it for {change.former}; nobody said so"
                return Finding(tenant=tenant, kind="altered", position=change.position, event=change.event, words=words)
        return None

    def _excused(self, change: _Change, months: int | None, forgotten: Sequence[int]) -> bool:
        if any(first > change.position for first in forgotten):
            return True
        on_its_way = self._newest is not None and self._newest - change.recorded < _ON_ITS_WAY
        return change is self._changes[-1] and change.months == months and on_its_way
