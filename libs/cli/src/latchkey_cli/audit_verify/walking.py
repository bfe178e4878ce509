"""Walking one tenant's chain, from the first entry to the last, and holding it against all that was signed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from latchkey_cli.audit_verify.anchors import IN_DATABASE, Anchor
from latchkey_cli.audit_verify.columns import Columns, decoded, fact
from latchkey_cli.audit_verify.found import MOST, Finding, Kind
from latchkey_cli.audit_verify.kept import Kept
from latchkey_contracts import chain
from latchkey_contracts.events.audit import AuditLogCheckpointed


class Stretch(msgspec.Struct, frozen=True):
    """Let go, and believed to be."""

    first: int
    last: int
    before: bytes
    hash: bytes


class Broken(msgspec.Struct, frozen=True):
    """An entry does not follow; which one is to blame, its neighbours tell."""

    before: bytes
    position: int


class Walk:
    """``anchors`` are in order of position, ``stretches`` by their first; ``end`` is where the chain says it ends.

    ``noted``: what is wrong, and does not keep what lies behind from being looked at.
    """

    def __init__(self, tenant: str, anchors: Sequence[Anchor], stretches: dict[int, Stretch], end: Any) -> None:
        self.position = 0
        self.stretches_used = 0
        self.sealed_through = 0
        self._tenant = tenant
        self._hash = chain.GENESIS
        self._anchors = anchors
        self._next_anchor = 0
        self._in_database = {one.position for one in anchors if one.where == IN_DATABASE}
        self._stretches = stretches
        self._end = end
        self._kept = Kept()
        self._columns = Columns()
        self._is_anew = False
        self.noted: list[Finding] = []
        self.unnoted = 0

    def see(self, row: Any) -> Finding | Broken | None:
        """The next entry; gives what is wrong with it, if nothing behind it can be looked at for that."""
        position = row["position"]
        if position <= self.position:
            return self._finding("added", position, "another entry has this position already", row["id"])
        while position > self.position + 1:
            wrong = self._jump()
            if wrong:
                return wrong
        if position <= self.position:
            return self._finding("added", position, "it stands in a stretch that was let go", row["id"])
        if self._end is None or position > self._end["position"]:
            return self._finding("added", position, "it stands behind the end of the chain", row["id"])
        after = chain.link(
            self._hash,
            tenant=self._tenant,
            position=position,
            recorded=row["recorded"],
            kept=row["kept"],
            body=row["body"],
        )
        if after != row["hash"]:
            return Broken(self._hash, position)
        self.position, self._hash = position, after
        self._inside(row)
        self._anchored(row["id"])
        return None

    def end(self) -> Finding | None:
        """No entry is left; gives what is missing."""
        ends = self._end["position"] if self._end is not None else 0
        signed = max((one.position for one in self._anchors), default=0)
        while self.position < max(ends, signed):
            wrong = self._jump()
            if wrong:
                return wrong
        if self._end is not None and self._end["hash"] != self._hash:
            self._note("altered", self.position, "the end of the chain is not what was recorded")
        months = self._end["kept"] if self._end is not None else None
        unexplained = self._kept.finding(self._tenant, months, sorted(self._stretches))
        if unexplained:
            self.noted.append(unexplained)
        return None

    def _jump(self) -> Finding | None:
        """Over a stretch that was let go; else what should come next is missing."""
        first = self.position + 1
        stretch = self._stretches.get(first)
        if stretch is None:
            return self._missing(first)
        if stretch.before != self._hash:
            return self._finding("altered", self.position, "what was let go behind it did not follow on it")
        self.stretches_used += 1
        inside = self._next_anchor
        while inside < len(self._anchors) and self._anchors[inside].position < stretch.last:
            inside += 1  # of these nothing is left to compare
        self._next_anchor = inside
        self.position, self._hash = stretch.last, stretch.hash
        self._kept.jump()
        self._anchored(None)
        return None

    def _missing(self, first: int) -> Finding:
        signed = next((one for one in self._anchors if one.position >= first), None)
        words = "it is not there, and nothing is signed that says it was let go"
        if signed is not None and (self._end is None or signed.position > self._end["position"]):
            words = f"it is not there; {signed.where} at position {signed.position} says it was"
        return self._finding("missing", first, words)

    def _inside(self, row: Any) -> None:
        event = decoded(row["body"])
        if event is None:
            return self._note("altered", row["position"], "its body is no event", row["id"])
        name = self._columns.differing(row, event)
        if name:
            words = f"its column {name} is not what its body says"
            self._note("altered", row["position"], words, row["id"])
        self._kept.see(row, event)
        told = fact(event, AuditLogCheckpointed)
        if told is not None and told.position not in self._in_database:
            self._note("missing", told.position, "the checkpoint is not there that was told of", event.id)
        return None

    def _anchored(self, event: str | None) -> None:
        while self._next_anchor < len(self._anchors):
            anchor = self._anchors[self._next_anchor]
            if anchor.position > self.position:
                break
            self._next_anchor += 1
            if anchor.hash != self._hash:
                self._note_anew(anchor, event)
            elif anchor.position not in self._in_database:
                words = f"the checkpoint is not there that {anchor.where} has"
                self._note("missing", anchor.position, words, event)
            else:
                self.sealed_through = anchor.position

    def _note_anew(self, anchor: Anchor, event: str | None) -> None:
        """Once: what comes after a chain that was written anew does not fit, either."""
        if not self._is_anew:
            words = f"written anew since, hashes and all: {anchor.where} of position {anchor.position} says so"
            found = self._finding("altered", self.sealed_through + 1, words, event)
            self.noted.append(msgspec.structs.replace(found, through=anchor.position))
        self._is_anew = True

    def _note(self, kind: Kind, position: int, words: str, event: str | None = None) -> None:
        known = [one.position for one in self.noted if one.kind == kind]
        if position in known:
            return
        if len(known) < MOST:
            self.noted.append(self._finding(kind, position, words, event))
        else:
            self.unnoted += 1

    def _finding(self, kind: Kind, position: int, words: str, event: str | None = None) -> Finding:
        return Finding(tenant=self._tenant, kind=kind, position=position, words=words, event=event)
