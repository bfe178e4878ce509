"""Asking permissions what may be granted, and noting when the answer is no."""

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.authorization import Asked
from latchkey_auth.domain.people import Person, Tenant
from latchkey_contracts.events.auth import ConsentRefused
from latchkey_contracts.ids import Digest
from latchkey_contracts.requests.permissions import PermissionsResolve, Resolution
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.requests import Peer
from latchkey_oauth.errors import OAuthError, invalid_scope


class Resolving:
    def __init__(self, permissions: Peer, database: Database, outbox: Outbox) -> None:
        self._permissions = permissions
        self._database = database
        self._outbox = outbox

    async def resolve(
        self, visit: Visit, wanted: Asked, person: Person, tenant: Tenant, *, before: Digest | None = None
    ) -> Resolution:
        """What this user may grant here; an unknown scope word is the app's mistake and raised as ``invalid_scope``.

        What goes beyond the document ``before`` is marked as new.
        """
        resolution = await self._ask(visit, wanted, person, tenant, before=before)
        if resolution.refusal is not None:
            await self._note_refusal(visit, person, tenant, resolution)
        return resolution

    async def narrowed(
        self, visit: Visit, wanted: Asked, person: Person, tenant: Tenant, allowed: tuple[str, ...]
    ) -> Resolution | None:
        """Give what the user left of it, ``None`` when that is nothing. Words that were not offered add nothing."""
        if not allowed:
            return None
        resolution = await self._ask(visit, wanted, person, tenant, chosen=allowed)
        return None if resolution.refusal is not None else resolution

    async def _ask(
        self,
        visit: Visit,
        wanted: Asked,
        person: Person,
        tenant: Tenant,
        *,
        chosen: tuple[str, ...] | None = None,
        before: Digest | None = None,
    ) -> Resolution:
        resolution = await self._permissions.ask(
            PermissionsResolve(
                tenant=tenant.id,
                user=person.user.id,
                client=visit.client.id,
                scope=wanted.scope,
                default=wanted.no_scope_means,
                chosen=chosen,
                before=before,
            )
        )
        if resolution.refusal == "unknown_scope":
            raise _unknown(resolution)
        return resolution

    async def _note_refusal(self, visit: Visit, person: Person, tenant: Tenant, resolution: Resolution) -> None:
        event = ConsentRefused(
            client=visit.client.id,
            user=person.user.id,
            reason=resolution.refusal or "nothing",
            missing=resolution.named if resolution.refusal == "missing" else (),
        )
        async with self._database.transaction() as connection:
            await self._outbox.add(connection, event, tenant=tenant.id, user=person.user.id, client=visit.client.id)


def _unknown(resolution: Resolution) -> OAuthError:
    """Name the word, which permissions made safe to repeat (RFC 6749 §4.1.2.1 allows few characters there)."""
    named = f": {', '.join(resolution.named)}" if resolution.named else "."
    return invalid_scope(f"The scope names a model, field or action that does not exist{named}")
