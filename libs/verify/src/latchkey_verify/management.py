"""The door to the management APIs: for bearers of access tokens, and for people at the web console."""

import contextlib
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiohttp import web

from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import ROUTE, Family
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet
from latchkey_verify.bearer import Bearer
from latchkey_verify.people import People, Person
from latchkey_verify.rights import Effective
from latchkey_verify.web import Guard

Manager = Bearer | Person
"""Who manages something: an app for a user, or the user by themselves."""


class Management:
    """On the public port it is the guard's; on the internal one the console asks, for a person."""

    def __init__(self, guard: Guard, people: People) -> None:
        self._guard = guard
        self.people = people

    async def manager(self, request: web.Request) -> Manager:
        """Give who asks; raises as `Guard.bearer` and `People.person`."""
        if request[ROUTE].family is Family.INTERNAL:
            return await self.people.person(request)
        return await self._guard.bearer(request)

    async def require(self, manager: Manager, model: str, action: Action) -> Effective:
        """Give the rights if they hold this one; raises as `Guard.require`, without a challenge to people."""
        if isinstance(manager, Bearer):
            return await self._guard.require(manager, model, action)
        rights = await self.people.rights(manager)
        permissions = PermissionSet.decode(bytes(rights.permissions))
        if not permissions.allows(model, action):
            raise Problem(403, "not_allowed", "Your role does not allow this.", f"It lacks {model}:{action}.")
        return Effective(permissions=permissions, grantable=permissions, portfolios=(rights.portfolio,))

    def confirm(self, manager: Manager) -> None:
        """Check again, before a write commits, that a bearer is alive. A person was a moment ago."""
        if isinstance(manager, Bearer):
            self._guard.confirm(manager)

    def while_alive(self, manager: Manager) -> AbstractAsyncContextManager[Any]:
        """Cut the block when a bearer's connection dies."""
        return self._guard.while_alive(manager) if isinstance(manager, Bearer) else contextlib.nullcontext()
