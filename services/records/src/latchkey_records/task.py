"""One operation under way: who does what to which model, and how far they reach."""

from collections.abc import Mapping
from typing import Any, Protocol, Self

import msgspec

from latchkey_policy.names import Action
from latchkey_records.domain import parameters
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.portfolio import Reach, reach
from latchkey_records.refusals import lacking_action
from latchkey_verify import Bearer, Effective, RightsUnavailable


class Confirms(Protocol):
    """What is asked again before a write commits, and before anything that was read is told."""

    def confirm(self, bearer: Bearer) -> None: ...


class Task(msgspec.Struct, frozen=True, kw_only=True):
    bearer: Bearer
    effective: Effective
    reach: Reach
    kind: Kind
    given: Mapping[str, Any]

    @classmethod
    def begin(cls, bearer: Bearer, effective: Effective, kind: Kind, action: Action, given: Mapping[str, Any]) -> Self:
        """Give a task whose bearer holds the right.

        Raises:
            LackingRight: 403.
            RightsUnavailable: for a kind of portfolio that is not known here.

        """
        if not effective.permissions.allows(kind.name, action):
            raise lacking_action(effective, kind.name, action)
        return cls(bearer=bearer, effective=effective, reach=_reach(bearer, effective), kind=kind, given=given)

    def may(self, action: Action) -> tuple[Field, ...]:
        return parameters.touchable(self.kind, action, self.effective.permissions)


def _reach(bearer: Bearer, effective: Effective) -> Reach:
    try:
        return reach(
            tenant=bearer.tenant,
            user=bearer.user,
            portfolios=effective.portfolios,
            team=effective.team,
            listed=effective.listed,
        )
    except ValueError as error:
        raise RightsUnavailable(f"a kind of portfolio that is not known here: {error}") from error
