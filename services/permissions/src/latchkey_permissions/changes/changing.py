"""One change of somebody's rights: lock the tenant's, change, look once more, commit, tell every verifier."""

import contextlib
from collections.abc import AsyncIterator, Iterable

from latchkey_contracts import feed
from latchkey_contracts.events import Event
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import FieldError
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.changes.refusing import BeyondYourself, RefusedChanges
from latchkey_permissions.domain.bounds import Beyond, Reach, beyond, beyond_permissions
from latchkey_permissions.floor_courier import FloorCourier
from latchkey_permissions.store import assignments, floors, rights
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import PermissionSet
from latchkey_verify.admission import Actor


class Change:
    """A change under way in its transaction: nobody else changes roles, teams or lists of the tenant meanwhile."""

    def __init__(self, connection: Connection, tenant: str, catalogue: Catalogue, outbox: Outbox, actor: Actor) -> None:
        self.connection = connection
        self.tenant = tenant
        self.catalogue = catalogue
        self.actor = actor
        self.lowered = False
        self._outbox = outbox
        self._own: rights.Own | None = None

    async def tell(self, event: Event) -> None:
        await self._outbox.add(
            self.connection, event, tenant=self.tenant, user=self.actor.user, client=self.actor.client
        )

    async def floor(self, kind: str, key: str, revision: int) -> None:
        await floors.add(self.connection, kind, key, revision)
        self.lowered = True

    async def users_changed(self, users: Iterable[str]) -> dict[str, int]:
        """Outdate what verifiers hold of these users; gives their new revisions."""
        revisions = await assignments.touch(self.connection, self.tenant, users)
        for user, revision in revisions.items():
            await self.floor(feed.ASSIGNMENT, feed.assignment_key(self.tenant, user), revision)
        return revisions

    async def own(self) -> rights.Own | None:
        """The actor's own role as it is now; ``None`` for the operator."""
        if self.actor.user is not None and self._own is None:
            self._own = await rights.own(self.connection, self.tenant, self.actor.user)
        return self._own

    async def bound(self, *wanted: Reach) -> None:
        """Refuse what lies beyond the actor's own role (403), naming it."""
        if own := await self.own():
            self._refuse(found for one in wanted for found in beyond(one, own.reach, self.catalogue))

    async def bound_permissions(self, wanted: PermissionSet) -> None:
        if own := await self.own():
            self._refuse(beyond_permissions(wanted, own.reach.permissions, self.catalogue))

    def _refuse(self, found: Iterable[Beyond]) -> None:
        all_of_it = list(found)
        lines = {one.pointer: one for one in all_of_it}
        if lines:
            errors = tuple(FieldError(pointer=one.pointer, message=one.message) for one in lines.values())
            detail = " ".join(error.message for error in errors[:5])
            raise BeyondYourself(detail, errors, [word for one in all_of_it for word in one.lacking])


class Changing:
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        catalogue: SharedCatalogue,
        courier: FloorCourier,
        refusals: RefusedChanges,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._catalogue = catalogue
        self._courier = courier
        self._refusals = refusals

    @contextlib.asynccontextmanager
    async def change(self, tenant: str, actor: Actor) -> AsyncIterator[Change]:
        """Make a change in the block; when it leaves the block, it is committed and floors were tried to deliver.

        What is refused as beyond the actor is told, after nothing of it was done.
        """
        try:
            async with self._database.transaction() as connection:
                await assignments.lock(connection, tenant)
                catalogue = await self._catalogue.now(connection)
                change = Change(connection, tenant, catalogue, self._outbox, actor)
                yield change
                actor.confirm()
        except BeyondYourself as refused:
            await self._refusals.tell(tenant, actor, refused.lacking)
            raise
        if change.lowered:
            await self._courier.deliver()
