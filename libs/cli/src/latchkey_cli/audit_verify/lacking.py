"""Checkpoints that the database has and the file lacks: for what they say, the database alone vouches."""

from collections.abc import Sequence

import msgspec

from latchkey_cli.audit_verify.anchors import Anchor, File
from latchkey_kit.seals import Seals

_EMPTY = "the checkpoint file is empty: that nobody wrote a log anew, or cut it off, nothing here tells"


class _Behind(msgspec.Struct, frozen=True):
    """What lies behind the file's last checkpoint of a tenant."""

    first: int
    last: int
    count: int


class Lacking:
    """Sees the tenants one by one."""

    def __init__(self) -> None:
        self._tenants: dict[str, _Behind] = {}

    def see(self, tenant: str, known: Sequence[Anchor], filed: Sequence[Anchor]) -> None:
        """``known`` are those of the database."""
        reach = max((one.position for one in filed), default=0)
        behind = [one.position for one in known if one.position > reach]
        if behind:
            self._tenants[tenant] = _Behind(min(behind), max(behind), len(behind))

    def unproven(self, again: File, seals: Seals) -> list[str]:
        """Say it, if it is still so ``again``: the service writes on while somebody verifies."""
        if not again.signed and not again.broken:
            return [_EMPTY]
        lacking = {
            tenant: behind
            for tenant, behind in self._tenants.items()
            if max((one.position for one in again.anchors(tenant, seals, frozenset())[0]), default=0) < behind.last
        }
        if not lacking:
            return []
        count = sum(one.count for one in lacking.values())
        tenant, first = next((tenant, one.first) for tenant, one in lacking.items())
        words = (
            f"the checkpoint file lacks {count:,} of the checkpoints that the database has, the first of tenant"
            f" {tenant} at position {first}: behind the file's last, nothing but the database says what was recorded"
        )
        return [words]
