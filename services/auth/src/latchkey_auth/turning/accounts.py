"""What bars users and tenants, and tenants' own limits: what staff decide."""

import msgspec

from latchkey_auth.domain import standing
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.store import accounts, sessions
from latchkey_auth.store.accounts import Limited
from latchkey_auth.turning.telling import Telling
from latchkey_contracts.events.auth import TenantLimited, TenantOffBoarded, TenantRestored, UserDisabled, UserEnabled
from latchkey_contracts.requests.people import TenantLimit, Turned
from latchkey_contracts.requests.standing import Limits
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telling import Told
from latchkey_kit.web.problems import not_found


class Accounts:
    """Each may be repeated: it is then told once more, and nothing moves."""

    def __init__(self, database: Database, outbox: Outbox, events: AccountEvents, telling: Telling) -> None:
        self._database = database
        self._outbox = outbox
        self._events = events
        self._telling = telling

    async def switch_user(self, email: str, *, disabled: bool) -> Turned:
        """Disable a user, whose sessions end with it, or enable them; 404 for an address that nobody has."""
        async with self._database.transaction() as connection:
            user = await accounts.hold_user(connection, email)
            if user is None:
                raise not_found("Nobody has this e-mail address.")
            turn, changed = user.turn, user.barred is not disabled
            if changed:
                turn = await accounts.turn_user(connection, user.id, disabled=disabled)
                await sessions.end_all(connection, user.id)
                event = UserDisabled(user=user.id, turn=turn) if disabled else UserEnabled(user=user.id, turn=turn)
                await self._events.add(connection, event)
        told = await self._telling.standing(standing.of_user(user.id, turn=turn, disabled=disabled))
        return _turned(told, changed=changed)

    async def switch_tenant(self, name: str, *, off_boarded: bool) -> Turned:
        """Off-board a tenant or restore it; 404 for a name that no tenant has."""
        async with self._database.transaction() as connection:
            tenant = await accounts.hold_tenant(connection, name)
            if tenant is None:
                raise not_found("There is no such tenant.")
            turn, changed = tenant.turn, tenant.barred is not off_boarded
            if changed:
                turn = await accounts.turn_tenant(connection, tenant.id, off_boarded=off_boarded)
                kind = TenantOffBoarded if off_boarded else TenantRestored
                await self._outbox.add(connection, kind(tenant=tenant.id, turn=turn), tenant=tenant.id)
        told = await self._telling.standing(standing.of_tenant(tenant.id, turn=turn, off_boarded=off_boarded))
        return _turned(told, changed=changed)

    async def limit(self, asked: TenantLimit) -> Turned:
        """Change a tenant's own limits on connections; 404 for a name that no tenant has."""
        async with self._database.transaction() as connection:
            known = await accounts.hold_limits(connection, asked.name)
            if known is None:
                raise not_found("There is no such tenant.")
            now = await self._change(connection, known, _wanted(known.limits, asked))
        told = await self._telling.limits(_as_told(now))
        return _turned(told, changed=now.revision != known.revision)

    async def _change(self, connection: Connection, known: Limited, wanted: accounts.Limits) -> Limited:
        if wanted == known.limits:
            return known
        revision = await accounts.limit(connection, known.id, wanted)
        now = Limited(id=known.id, revision=revision, limits=wanted)
        event = msgspec.convert(_as_told(now), TenantLimited, from_attributes=True)
        await self._outbox.add(connection, event, tenant=known.id)
        return now


def _wanted(known: accounts.Limits, asked: TenantLimit) -> accounts.Limits:
    refresh, whole = asked.refresh_token_lifetime, asked.connection_lifetime
    return accounts.Limits(
        refresh_token_lifetime=known.refresh_token_lifetime if refresh is msgspec.UNSET else refresh,
        connection_lifetime=known.connection_lifetime if whole is msgspec.UNSET else whole,
    )


def _as_told(limited: Limited) -> Limits:
    return Limits(
        tenant=limited.id,
        revision=limited.revision,
        refresh_token_lifetime=limited.limits.refresh_token_lifetime,
        connection_lifetime=limited.limits.connection_lifetime,
    )


def _turned(told: Told, *, changed: bool) -> Turned:
    return Turned(changed=changed, pending=told.pending, effective_at=told.effective_at)
