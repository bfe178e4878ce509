"""Roles: making, changing and ending them."""

import msgspec

from latchkey_contracts import feed
from latchkey_contracts.changes import differences
from latchkey_contracts.events.permission import RoleChanged, RoleRemoved
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.web.problems import Problem, not_found
from latchkey_permissions.changes.changing import Change
from latchkey_permissions.changes.staying import somebody_stays
from latchkey_permissions.domain import told
from latchkey_permissions.store import roles
from latchkey_permissions.store.roles import Role

_NO_ROLE = "This workspace has no such role."


class Roles:
    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy

    async def create(self, change: Change, wanted: Role) -> Role:
        """Make a role. 409 for a name that another one has, 403 for what is above the actor."""
        await change.bound(wanted.reach)
        made = msgspec.structs.replace(wanted, id=new_id(self._clock, self._entropy), revision=1)
        if not await roles.insert(change.connection, change.tenant, made):
            raise name_taken(wanted.name)
        return await _told(change, None, made)

    async def edit(self, change: Change, before: Role, wanted: Role) -> Role:
        """Replace a role by what is wanted of it; the same again changes nothing.

        Raises:
            Problem: 409 for the actor's own role, a taken name, and when nobody with the Settings flag would be left;
                403 for what is above the actor, before or after.

        """
        if msgspec.structs.replace(wanted, revision=before.revision) == before:
            return before
        await refuse_own_role(change, before.id)
        await change.bound(before.reach, wanted.reach)
        after = msgspec.structs.replace(wanted, revision=before.revision + 1)
        if not await roles.update(change.connection, change.tenant, after):
            raise name_taken(wanted.name)
        if before.reach.settings and not wanted.reach.settings:
            await somebody_stays(change, without_role=before.id)
        return await _told(change, before, after)

    async def remove(self, change: Change, role: str) -> None:
        """End a role that nobody has: 409 otherwise."""
        found = await self.get(change, role)
        await change.bound(found.reach)
        if not await roles.remove(change.connection, change.tenant, role):
            raise Problem(409, "role_in_use", "Somebody has this role.", "Give them another one first.")
        held = differences(told.role(found.name, found.reach), None)
        await change.tell(RoleRemoved(role=role, name=found.name, changes=held))

    async def get(self, change: Change, role: str) -> Role:
        found = await roles.get(change.connection, change.tenant, role)
        if found is None:
            raise not_found(_NO_ROLE)
        return found


async def refuse_own_role(change: Change, role: str) -> None:
    own = await change.own()
    if own is not None and own.role == role:
        raise Problem(409, "yourself", "Nobody changes their own role.", "Ask somebody else who manages roles.")


def name_taken(name: str) -> Problem:
    return Problem(409, "name_taken", "This name is taken.", f"There is one called {name} already.")


async def _told(change: Change, before: Role | None, role: Role) -> Role:
    was = None if before is None else told.role(before.name, before.reach)
    changes = differences(was, told.role(role.name, role.reach))
    await change.tell(RoleChanged(role=role.id, name=role.name, revision=role.revision, changes=changes))
    await change.floor(feed.ROLE, role.id, role.revision)
    return role
