"""Requests about who belongs to a tenant."""

from typing import Annotated, ClassVar, Final

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.base import Ask

MOST_AT_ONCE: Final = 500


class MembersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the asked users who are members now."""

    members: tuple[Id, ...]


class MembersGet(Ask[MembersAnswer], frozen=True):
    """To auth: permissions asks before a user is given a role, a place in a team or a list, the console to show one."""

    path: ClassVar[str] = "/internal/members/get"
    answer: ClassVar[type] = MembersAnswer
    tenant: Id
    users: Annotated[tuple[Id, ...], msgspec.Meta(max_length=MOST_AT_ONCE)]
