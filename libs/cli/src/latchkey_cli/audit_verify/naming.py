"""Which entry it is that breaks a chain: one that was altered, put in, or moved."""

from collections.abc import Sequence
from typing import Any

from latchkey_cli.audit_verify.found import Finding
from latchkey_contracts import chain


def name(tenant: str, before: bytes, rows: Sequence[Any]) -> Finding:
    """``rows`` begin with the one that does not follow on ``before``, and are those behind it in the database."""
    row, *behind = rows
    position = row["position"]
    belongs = next((one for one in behind if _fits(tenant, one, position, before)), None)
    if belongs is not None:
        return _moved(tenant, row, belongs, behind)
    words = "what it says, when it was recorded or for how long it is kept is not what was recorded"
    after = behind[0] if behind and behind[0]["position"] == position + 1 else None
    if after is not None and _fits(tenant, after, position + 1, _link(tenant, row, position, before)):
        words = "its hash is not the one that was recorded"
    elif after is not None and not _fits(tenant, after, position + 1, row["hash"]):
        words = "it does not follow on the entry before it, nor the next one on it; what lies behind is not proven"
    return Finding(tenant=tenant, kind="altered", position=position, event=row["id"], words=words)


def _moved(tenant: str, row: Any, belongs: Any, behind: Sequence[Any]) -> Finding:
    position = row["position"]
    following = behind[behind.index(belongs) + 1 :]
    was_put_in = belongs["position"] == position or (
        belongs["position"] == position + 1
        and (not following or _fits(tenant, following[0], position + 1, belongs["hash"]))
    )
    if was_put_in:
        words = "it was put in; the entry that belongs here stands behind it"
        return Finding(tenant=tenant, kind="added", position=position, event=row["id"], words=words)
    words = f"it stands in the place of event {belongs['id']}, which is found at position {belongs['position']}"
    return Finding(tenant=tenant, kind="reordered", position=position, event=row["id"], words=words)


def _fits(tenant: str, row: Any, position: int, before: bytes) -> bool:
    return bool(_link(tenant, row, position, before) == row["hash"])


def _link(tenant: str, row: Any, position: int, before: bytes) -> bytes:
    return chain.link(
        before, tenant=tenant, position=position, recorded=row["recorded"], kept=row["kept"], body=row["body"]
    )
