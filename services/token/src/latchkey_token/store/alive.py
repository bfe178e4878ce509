"""Whether a connection is alive, in the one spelling that every statement uses: fragments for the row ``ours``."""

from typing import Final

NAMED: Final = """
    (VALUES
        ('client', encode(uuid_send(ours.client_id), 'hex')),
        ('tenant_client', encode(uuid_send(ours.tenant_id) || uuid_send(ours.client_id), 'hex')),
        ('tenant_user_client',
         encode(uuid_send(ours.tenant_id) || uuid_send(ours.user_id) || uuid_send(ours.client_id), 'hex')),
        ('tenant_user', encode(uuid_send(ours.tenant_id) || uuid_send(ours.user_id), 'hex')),
        ('user', encode(uuid_send(ours.user_id), 'hex')),
        ('tenant', encode(uuid_send(ours.tenant_id), 'hex')),
        ('all', '')
    ) AS named (kind, key)
"""
"""Kind and key of every kill of many that would name it, as ``latchkey_contracts.feed.wide_keys``."""
KILLED: Final = f"""
    EXISTS (
        SELECT FROM kill
        WHERE kill.key = ANY (ARRAY(SELECT key FROM {NAMED})) AND kill.cutoff >= ours.born
          AND (kill.kind, kill.key) IN (SELECT kind, key FROM {NAMED})
    )
"""  # noqa: S608 - constant fragments
"""A kill of many names it."""

ALIVE: Final = f"(ours.revoked_at IS NULL AND ours.expires_at > statement_timestamp() AND NOT {KILLED})"

SPARED: Final = """
    ours.born > coalesce((SELECT max(cutoff) FROM kill WHERE (kind, key) IN (('all', ''), {keys})), 0)
"""
"""Part of `ALIVE`, said once for all rows that a statement may read: kills of ``keys`` name every one of them.

What follows would ask it again of each of a million that were just killed.
"""

_OF_TENANT = "(SELECT {limit} FROM tenant_limits WHERE tenant_limits.tenant_id = ours.tenant_id)"
LIFETIME: Final = (
    f"least({{default}}, gate.refresh_token_lifetime, {_OF_TENANT.format(limit='refresh_token_lifetime')})"
)
"""Seconds from a rotation on; needs the client's ``gate``. ``default`` is the service's own, or NULL."""
LASTS_UNTIL: Final = f"""
    (ours.created_at
        + least(gate.connection_lifetime, {_OF_TENANT.format(limit="connection_lifetime")}) * interval '1 second')
"""
"""When a connection ends however much it is used; NULL without such a limit. Needs the client's ``gate``."""
ENDS: Final = f"""
    least(
        ours.expires_at,
        ours.rotated_at + {LIFETIME.format(default="NULL")} * interval '1 second',
        {LASTS_UNTIL}
    )
"""
"""When a connection ends by itself, by the limits as they are now; needs the client's ``gate``."""
