"""Somebody must be able to manage: the last user whose role has the Settings flag keeps it."""

from latchkey_kit.web.problems import Problem
from latchkey_permissions.changes.changing import Change
from latchkey_permissions.store import assignments


async def somebody_stays(change: Change, *, without_user: str | None = None, without_role: str | None = None) -> None:
    """Refuse (409) a change that takes the Settings flag from the last users who have it.

    The tenant is locked by the change, so two of them at once cannot each count on the other.
    """
    if change.actor.user is None:
        return  # the operator, who repairs what people cannot
    left = await assignments.with_settings(
        change.connection, change.tenant, without_user=without_user, without_role=without_role
    )
    if not left:
        raise Problem(
            409,
            "last_manager",
            "Somebody must be able to manage this workspace.",
            "Nobody else has a role with the Settings flag. Give it to somebody else first.",
        )
