"""A request to the owner of something: a typed question with a typed answer, sent as ``POST <path>``."""

from typing import ClassVar, Generic, TypeVar

import msgspec

AnswerT = TypeVar("AnswerT")


class Ask(msgspec.Struct, Generic[AnswerT], frozen=True, kw_only=True):
    """``path`` is the route on the owner's internal port; ``answer`` the type of what comes back."""

    path: ClassVar[str]
    answer: ClassVar[type]


class Done(msgspec.Struct, frozen=True):
    """The answer of a request that has nothing to tell."""
