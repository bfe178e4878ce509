"""Refusals (403), before a door adds what its readers expect."""

from latchkey_kit.web.problems import FieldError, Problem
from latchkey_policy.names import Action
from latchkey_verify import Effective
from latchkey_verify.lacking import LackingRight


def lacking_action(effective: Effective, model: str, action: Action) -> LackingRight:
    return LackingRight(f"{model}:{action} is needed.", effective.remedy(model, action))


def lacking_fields(effective: Effective, model: str, action: Action, fields: tuple[str, ...]) -> LackingRight:
    """Name the fields. Scope words reach single fields for ``update`` only; else the whole action is asked for."""
    grantable = all(effective.grantable.allows_field(model, field, action) for field in fields)
    words = " ".join(f"{model}.{field}:{action}" for field in fields) if action == "update" else f"{model}:{action}"
    errors = (FieldError(pointer=f"/values/{field}", message=f"You may not {action} this field.") for field in fields)
    detail = f"{model}:{action} is needed for: {', '.join(fields)}."
    return LackingRight(detail, words if grantable else None, tuple(errors))


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
