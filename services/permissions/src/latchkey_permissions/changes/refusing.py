"""Changes that are refused because they lie beyond whoever makes them: the answer, and the telling."""

from collections.abc import Iterable

from latchkey_contracts.events.access import AccessChangeRefused
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_kit.web.problems import FieldError, Problem
from latchkey_verify.admission import Actor

_MOST_LACKING = 100
"""Told at most: an event has to fit into a message, however much somebody asks for."""


class BeyondYourself(Problem):
    """``lacking`` is what the actor's own role would have to hold, as `AccessChangeRefused` has it."""

    def __init__(self, detail: str, errors: tuple[FieldError, ...], lacking: Iterable[str]) -> None:
        super().__init__(403, "beyond_yourself", "Nobody grants above themselves.", detail, errors=errors)
        self.lacking = tuple(dict.fromkeys(lacking))[:_MOST_LACKING]


class RefusedChanges:
    """The same person's refusals for want of the same are told at once, then counted for a minute."""

    def __init__(self, sparing: Sparing) -> None:
        self._sparing = sparing

    async def tell(self, tenant: str, actor: Actor, lacking: tuple[str, ...]) -> None:
        user = actor.user
        assert user is not None  # noqa: S101 - nothing is beyond the operator

        def event(times: int) -> AccessChangeRefused:
            return AccessChangeRefused(user=user, lacking=lacking, times=times)

        telling = Telling(event=event, tenant=tenant, user=user, client=actor.client)
        await self._sparing.tell((AccessChangeRefused, tenant, user, actor.client, lacking[0]), telling)
