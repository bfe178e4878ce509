"""Refusals, before a door adds what its readers expect."""

import contextlib
from collections.abc import Iterator

from aiohttp import hdrs

from latchkey_kit.web.problems import FieldError, Problem, bad_request, not_found
from latchkey_policy.names import Action
from latchkey_records.domain.errors import Changed, Invalid, LackingFields, NoSuchRecord, at
from latchkey_verify import Effective
from latchkey_verify.lacking import LackingRight


def lacking_action(effective: Effective, model: str, action: Action) -> LackingRight:
    remedy = effective.remedy(model, action)
    return LackingRight(f"{model}:{action} is needed.", remedy, model=model, action=action)


def lacking_fields(effective: Effective, model: str, action: Action, fields: tuple[str, ...]) -> LackingRight:
    """Name the fields. Scope words reach single fields for ``update`` only; else the whole action is asked for."""
    grantable = all(effective.grantable.allows_field(model, field, action) for field in fields)
    single = tuple(f"{model}.{field}:{action}" for field in fields)
    words = " ".join(single) if action == "update" else f"{model}:{action}"
    places = (at("values", *field.split(".")) for field in fields)
    errors = (FieldError(pointer=place, message=f"You may not {action} this field.") for place in places)
    detail = f"{model}:{action} is needed for: {', '.join(fields)}."
    remedy = words if grantable else None
    return LackingRight(detail, remedy, tuple(errors), model=model, action=action, words=single)


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


@contextlib.contextmanager
def telling(effective: Effective, model: str) -> Iterator[None]:
    """Turn what the rules raise into problems."""
    try:
        yield
    except Invalid as error:
        named = (FieldError(pointer=fault.pointer, message=fault.message) for fault in error.faults)
        raise bad_request("Something in it is not valid.", *named) from None
    except LackingFields as error:
        raise lacking_fields(effective, model, error.action, error.fields) from None
    except NoSuchRecord:
        raise not_found() from None
    except Changed as error:
        advice = "Get it again, and look at what changed."
        title = "The record is not as you saw it any more."
        raise Problem(412, "changed_meanwhile", title, advice, headers={hdrs.ETAG: f'"{error.now}"'}) from None
