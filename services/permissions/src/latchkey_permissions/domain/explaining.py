"""Why somebody may do something, or may not: each part's answer, in a sentence of its own."""

from collections.abc import Collection

import msgspec

from latchkey_policy.catalogue import Model
from latchkey_policy.effective import Part
from latchkey_policy.names import Action
from latchkey_policy.portfolio import Portfolio


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    model: Model
    action: Action
    field: str | None = None

    def __str__(self) -> str:
        on = f"{self.field} of " if self.field else ""
        return f"{self.action} {on}{self.model.plural}"

    @property
    def read_only(self) -> bool:
        """Whether the field is one that this action never touches."""
        return self.field is not None and self.field not in self.model.fields_for(self.action)


def sentence(part: Part, operation: Operation, *, allows: bool | None) -> str:
    """What one of grant, ceiling and role says to an operation; ``None``: it was not asked about."""
    if allows is None:
        return _NOT_ASKED[part]
    if operation.read_only:
        return f"{operation.field} is read-only: nobody may {operation.action} it."
    return (_YES if allows else _NO)[part].format(operation)


_NOT_ASKED: dict[Part, str] = {
    "grant": "Without a connection there is no grant to look at.",
    "ceiling": "Without an app there is no ceiling to look at.",
    "role": "There is no role to look at.",
}
_YES: dict[Part, str] = {
    "grant": "The user granted this app to {}.",
    "ceiling": "The app may {}.",
    "role": "The user's role lets them {}.",
}
_NO: dict[Part, str] = {
    "grant": "The user did not grant this app to {}; it takes a new authorization.",
    "ceiling": "The app may not {}; its permissions would have to be widened first.",
    "role": "The user's role does not let them {}.",
}


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """A company, and what decides who has it in their portfolio."""

    owner: str | None
    user: str
    team: Collection[str]
    on_list: bool


def within(kind: Portfolio, company: Whereabouts) -> bool:
    """Whether a portfolio of this kind, of this user, holds the company today."""
    match kind:
        case Portfolio.ALL:
            return True
        case Portfolio.OWN:
            return company.owner == company.user
        case Portfolio.TEAM:
            return company.owner is not None and company.owner in company.team
        case Portfolio.LISTED:
            return company.on_list


def portfolio_sentence(kinds: Collection[Portfolio], failing: Collection[Portfolio] | None) -> str:
    """``failing`` are the kinds that do not hold the company; ``None`` when no company was named."""
    named = " and ".join(sorted(kind.value for kind in set(kinds)))
    if failing:
        return f"The company is not in this portfolio: {' and '.join(sorted(kind.value for kind in set(failing)))}."
    if failing is not None:
        return f"The company is in the portfolio: {named}."
    if set(kinds) == {Portfolio.ALL}:
        return "The portfolio holds every company."
    return f"It depends on the company: the portfolio is {named}."
