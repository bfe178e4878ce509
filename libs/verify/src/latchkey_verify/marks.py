"""What a bearer is called in the feed: marks as numbers, which take less memory than bytes do."""

from typing import Final, NamedTuple

from latchkey_contracts import feed
from latchkey_verify.bearer import Bearer
from latchkey_verify.lru import Lru

MOST_MARKED: Final = 16_384
"""Bearers whose marks are remembered."""


class BearerMarks(NamedTuple):
    """Every mark by which a kill may name a bearer."""

    connection: int
    kid: int
    wide: tuple[int, ...]


class Marks:
    """Marks under one salt.

    Those of a bearer are computed once. They are remembered by all that they are made of: tokens of one connection that
    name different users are the work of a forger, and must not lend their marks to the real ones.
    """

    def __init__(self, salt: bytes, limit: int = MOST_MARKED) -> None:
        self._salt = salt
        self._known: Lru[tuple[str, ...], BearerMarks] = Lru(limit)

    def of(self, bearer: Bearer) -> BearerMarks:
        named = (bearer.connection, bearer.kid, bearer.tenant, bearer.user, bearer.client)
        known = self._known.get(named)
        if known is None:
            known = self._compute(bearer)
            self._known.put(named, known)
        return known

    def one(self, kind: str, key: str) -> int:
        return int.from_bytes(feed.mark(self._salt, kind, key))

    def _compute(self, bearer: Bearer) -> BearerMarks:
        keys = feed.wide_keys(tenant=bearer.tenant, user=bearer.user, client=bearer.client)
        return BearerMarks(
            connection=self.one(feed.CONNECTION, bearer.connection),
            kid=self.one(feed.KID, bearer.kid),
            wide=tuple(self.one(kind, key) for kind, key in keys),
        )
