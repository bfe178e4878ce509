"""How something stands with its owner: whether connections of it may be born, and when they were last cut.

Every fact that kills, bars or lifts moves the *turn* of what it is about by one; nothing else does. So a fact that
comes late, or twice, is known by its turn, and who has not heard of a turn can ask the owner for it.

=================  ===================  ====================================================================
kind               owner                turned by
=================  ===================  ====================================================================
``client``         client-registry      regenerate, public; disable, delete, compromise (barred); enable, lift
``tenant_client``  client-registry      block in a tenant (barred); unblock
``tenant``         auth                 off-board (barred); restore
``user``           auth                 disable (barred); enable
``tenant_user``    auth                 remove a member; add one again
=================  ===================  ====================================================================
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.base import Ask

Kind = Literal["client", "tenant_client", "tenant", "user", "tenant_user"]
# The last part is said too, because `$` lets a line feed follow.
Key = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{32}){1,2}$(?!\\n)", max_length=64)]
"""Ids side by side, as in ``latchkey_contracts.feed``."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The turn of something, as somebody saw it. What never turned is at 0, barred by nothing."""

    kind: Kind
    key: Key
    turn: int


class Standing(Seen, frozen=True, kw_only=True):
    """The newest turn. ``reason`` is the type of the event that told of it, ``by`` the person who did it."""

    barred: bool = False
    reason: str = ""
    by: Id | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's own limits on connections in it, in seconds; ``None`` where it has none. Newer revisions win."""

    tenant: Id
    revision: int
    refresh_token_lifetime: int | None = None
    connection_lifetime: int | None = None


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``None``: it never turned, or there is no such thing."""

    standing: Standing | None = None


class StandingGet(Ask[StandingAnswer], frozen=True):
    """The token service asks the owner how something stands now."""

    path: ClassVar[str] = "/internal/standing/get"
    answer: ClassVar[type] = StandingAnswer
    kind: Kind
    key: Key


class StandingPage(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` goes on, ``None`` at the end.

    ``epoch`` and ``sequence`` are the owner's outbox as it was before the page was read: whatever it told up to there
    is in this page and those that follow.
    """

    epoch: str
    sequence: int
    standings: tuple[Standing, ...] = ()
    limits: tuple[Limits, ...] = ()
    next: str | None = None


class StandingList(Ask[StandingPage], frozen=True):
    """Everything of this owner that ever turned, page by page; ``after`` as the last page's ``next``."""

    path: ClassVar[str] = "/internal/standing/list"
    answer: ClassVar[type] = StandingPage
    after: str | None = None
