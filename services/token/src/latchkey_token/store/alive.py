"""Whether a connection is alive, in the one spelling that every statement uses: a fragment for the row ``ours``."""

from typing import Final

KILLED: Final = """
    EXISTS (
        SELECT FROM (VALUES
            ('client', encode(uuid_send(ours.client_id), 'hex')),
            ('tenant_client', encode(uuid_send(ours.tenant_id) || uuid_send(ours.client_id), 'hex')),
            ('tenant_user_client',
             encode(uuid_send(ours.tenant_id) || uuid_send(ours.user_id) || uuid_send(ours.client_id), 'hex')),
            ('tenant_user', encode(uuid_send(ours.tenant_id) || uuid_send(ours.user_id), 'hex')),
            ('user', encode(uuid_send(ours.user_id), 'hex')),
            ('tenant', encode(uuid_send(ours.tenant_id), 'hex')),
            ('all', '')
        ) AS named (kind, key) JOIN kill USING (kind, key)
        WHERE kill.cutoff >= ours.born
    )
"""
"""A wide kill names it. The keys are those of ``latchkey_contracts.feed.wide_keys``."""

ALIVE: Final = f"(ours.revoked_at IS NULL AND ours.expires_at > statement_timestamp() AND NOT {KILLED})"
