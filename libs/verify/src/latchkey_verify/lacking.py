"""Refusals for want of a right (403), before a door adds what its readers expect."""

from latchkey_kit.web.problems import FieldError, Problem
from latchkey_oauth.challenge import INSUFFICIENT_SCOPE
from latchkey_policy.names import Action


class LackingRight(Problem):
    """``remedy`` is the scope that would do, ``None`` if no authorization of this user and client would.

    ``model``, ``action`` and ``words`` say what is lacking; without ``words`` it is the whole action.
    """

    def __init__(
        self,
        detail: str,
        remedy: str | None,
        errors: tuple[FieldError, ...] = (),
        *,
        model: str,
        action: Action,
        words: tuple[str, ...] = (),
    ) -> None:
        if remedy is None:
            detail += " The client's permissions or the user's role do not include it."
        super().__init__(403, "insufficient_scope", INSUFFICIENT_SCOPE, detail, errors=errors)
        self.remedy = remedy
        self.model = model
        self.action = action
        self.words = words or (f"{model}:{action}",)
