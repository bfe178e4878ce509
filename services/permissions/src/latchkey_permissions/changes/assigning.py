"""Who has which role."""

from latchkey_contracts import feed
from latchkey_contracts.changes import differences
from latchkey_contracts.events.permission import RoleAssigned, RoleUnassigned
from latchkey_kit.web.problems import Problem, not_found
from latchkey_permissions.changes.changing import Change
from latchkey_permissions.changes.staying import somebody_stays
from latchkey_permissions.store import assignments, roles
from latchkey_permissions.store.roles import Role


async def assign(change: Change, user: str, role: str) -> None:
    """Give a user a role of the tenant, in the place of the one before.

    Raises:
        Problem: 404 for a role of another tenant, 403 when the new role or the one before is above the actor, 409 for
            oneself and when nobody with the Settings flag would be left.

    """
    wanted = await roles.get(change.connection, change.tenant, role)
    if wanted is None:
        raise not_found("This workspace has no such role.")
    before = await roles.of_user(change.connection, change.tenant, user)
    refuse_self(change, user)
    await change.bound(wanted.reach, *([before.reach] if before else []))
    revision = await assignments.assign(change.connection, change.tenant, user, role)
    if revision is None:
        return
    if before and before.reach.settings and not wanted.reach.settings:
        await somebody_stays(change)
    changes = differences({"role": before.name} if before else None, {"role": wanted.name})
    await change.tell(RoleAssigned(role=role, user=user, revision=revision, changes=changes))
    await change.floor(feed.ASSIGNMENT, feed.assignment_key(change.tenant, user), revision)


async def unassign(change: Change, user: str, role: str) -> None:
    """Take a role from a user, who may then do nothing; 404 when they do not have it, else as `assign`."""
    before = await roles.of_user(change.connection, change.tenant, user)
    if before is None or before.id != role:
        raise not_found("This user does not have this role.")
    refuse_self(change, user)
    await change.bound(before.reach)
    await _take(change, user, before)
    if before.reach.settings:
        await somebody_stays(change)


async def end(change: Change, user: str) -> None:
    """Take the role from who is no member any more, if they have one; nothing bounds that."""
    if (before := await roles.of_user(change.connection, change.tenant, user)) is not None:
        await _take(change, user, before)


async def _take(change: Change, user: str, role: Role) -> None:
    revision = await assignments.unassign(change.connection, change.tenant, user)
    changes = differences({"role": role.name}, None)
    await change.tell(RoleUnassigned(role=role.id, user=user, revision=revision, changes=changes))
    await change.floor(feed.ASSIGNMENT, feed.assignment_key(change.tenant, user), revision)


def refuse_self(change: Change, user: str) -> None:
    if user == change.actor.user:
        raise Problem(409, "yourself", "Nobody changes their own rights.", "Ask somebody else who manages roles.")
