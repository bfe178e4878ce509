"""Refusals for want of a right (403), before a door adds what its readers expect."""

from typing import Self

from latchkey_kit.web.problems import FieldError, Problem
from latchkey_policy.names import Action
from latchkey_verify import Effective


class LackingRight(Problem):
    """``remedy`` is the scope that would do, ``None`` if no authorization of this user and client would."""

    def __init__(self, detail: str, remedy: str | None, errors: tuple[FieldError, ...] = ()) -> None:
        if remedy is None:
            detail += " The client's permissions or the user's role do not include it."
        title = "The access token does not hold the right this needs."
        super().__init__(403, "insufficient_scope", title, detail, errors=errors)
        self.remedy = remedy

    @classmethod
    def of_action(cls, effective: Effective, model: str, action: Action) -> Self:
        return cls(f"{model}:{action} is needed.", effective.remedy(model, action))

    @classmethod
    def of_fields(cls, effective: Effective, model: str, action: Action, fields: tuple[str, ...]) -> Self:
        """Name the fields. Scope words reach single fields for ``update`` only; else the whole action is asked for."""
        grantable = all(effective.grantable.allows_field(model, field, action) for field in fields)
        words = " ".join(f"{model}.{field}:{action}" for field in fields) if action == "update" else f"{model}:{action}"
        errors = (
            FieldError(pointer=f"/values/{field}", message=f"You may not {action} this field.") for field in fields
        )
        named = ", ".join(fields)
        return cls(f"{model}:{action} is needed for: {named}.", words if grantable else None, tuple(errors))


class OutsidePortfolio(Problem):
    """The record would land, or be moved, where its author could not see it."""

    def __init__(self, pointer: str, advice: str) -> None:
        super().__init__(
            403,
            "outside_portfolio",
            "This would be outside the companies that you may work with.",
            advice,
            errors=(FieldError(pointer=pointer, message=advice),),
        )
