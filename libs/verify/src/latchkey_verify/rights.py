"""What a bearer may do now: kept until a floor of the feed says that a part of it changed."""

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol, TypeVar

import msgspec

from latchkey_contracts.feed import ASSIGNMENT, CEILING, ROLE, assignment_key
from latchkey_contracts.requests import Ask
from latchkey_contracts.requests.permissions import Rights, RightsGet
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_policy.effective import GrantDocument, effective
from latchkey_policy.errors import PolicyError
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet
from latchkey_verify.bearer import Bearer
from latchkey_verify.errors import RightsUnavailable
from latchkey_verify.feed import Feed
from latchkey_verify.flights import Flights
from latchkey_verify.lru import Lru

MOST_HELD: Final = 16_384
"""Combinations of tenant, user, client and grant document in memory."""
_ASKS: Final = 3
AnswerT = TypeVar("AnswerT")


class Owner(Protocol):
    """What is asked of the permissions service."""

    async def ask(self, question: Ask[AnswerT]) -> AnswerT: ...


class Effective(msgspec.Struct, frozen=True, kw_only=True):
    """``permissions`` is granted ∩ ceiling now ∩ role now; ``grantable`` what a new authorization could reach.

    ``portfolios`` are the kind granted and the kind now: a record counts only if both hold its company. ``team`` are
    the owners whose companies ``team`` holds, ``listed`` the companies that ``listed`` holds.
    """

    permissions: PermissionSet
    grantable: PermissionSet
    portfolios: tuple[str, ...]
    team: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    def remedy(self, model: str, action: Action) -> str | None:
        """The scope word that would help, ``None`` if no authorization of this user and client would."""
        return f"{model}:{action}" if self.grantable.allows(model, action) else None


class _Whose(NamedTuple):
    tenant: str
    user: str
    client: str
    document: str


class _Held(msgspec.Struct, frozen=True):
    """Rights, the revisions of the parts that they were made from, and how far the feed was known when we asked."""

    effective: Effective
    parts: tuple[tuple[int, int], ...]
    """Mark of the floor, revision."""
    era: int
    head: int


class RightsCopy:
    """Rights by tenant, user, client and grant document, from the permissions service."""

    def __init__(self, owner: Owner, feed: Feed, limit: int = MOST_HELD) -> None:
        self._owner = owner
        self._feed = feed
        self._held: Lru[_Whose, _Held] = Lru(limit)
        self._flights: Flights[_Whose, _Held] = Flights()

    async def of(self, bearer: Bearer) -> Effective:
        """Give the rights, no part of them older than its floor.

        Raises:
            RightsUnavailable: when they cannot be had like that.

        """
        whose = _Whose(bearer.tenant, bearer.user, bearer.client, bearer.document)
        held = self._held.get(whose)
        for _ in range(_ASKS):
            if held is not None and self._is_fresh(held):
                return held.effective
            # An ask that others started may be older than the floor that we just heard of: then one more.
            held = await self._flights.join(whose, lambda: self._ask(whose))
        if held is not None and self._is_fresh(held):
            return held.effective
        raise RightsUnavailable("the permissions service answers with less than the feed has told us")

    def _is_fresh(self, held: _Held) -> bool:
        """Whether no floor is above it, neither one that we know nor one that we may have forgotten."""
        if held.era != self._feed.era or held.head < self._feed.forgotten:
            return False
        floor = self._feed.floor
        for mark, revision in held.parts:  # noqa: SIM110 - for every request, and a generator costs more than it
            if revision < floor(mark):
                return False
        return True

    async def _ask(self, whose: _Whose) -> _Held:
        era, head = self._feed.era, self._feed.applied  # as of the asking: the answer is no older
        question = RightsGet(tenant=whose.tenant, user=whose.user, client=whose.client, document=whose.document)
        try:
            rights = await self._owner.ask(question)
            parts = tuple((self._feed.mark(kind, key), revision) for kind, key, revision in _parts(whose, rights))
            held = _Held(_effective(rights), parts, era, head)
        except (PeerUnavailable, PeerRefused, PolicyError) as error:
            raise RightsUnavailable(f"rights: {error}") from error
        self._held.put(whose, held)
        return held

    async def close(self) -> None:
        await self._flights.close()


def _effective(rights: Rights) -> Effective:
    document = GrantDocument.decode(bytes(rights.document))
    ceiling = PermissionSet.decode(bytes(rights.ceiling.permissions))
    role = PermissionSet.decode(bytes(rights.role.permissions)) if rights.role else PermissionSet()
    return Effective(
        permissions=effective(document, ceiling, role),
        grantable=ceiling.meet(role),
        portfolios=(document.portfolio.value, rights.portfolio),
        team=rights.team,
        listed=rights.listed,
    )


def _parts(whose: _Whose, rights: Rights) -> Iterator[tuple[str, str, int]]:
    """Kind of floor, key and revision of all that the rights are made of."""
    yield CEILING, whose.client, rights.ceiling.revision
    yield ASSIGNMENT, assignment_key(whose.tenant, whose.user), rights.assignment
    if rights.role:
        yield ROLE, rights.role.key, rights.role.revision
