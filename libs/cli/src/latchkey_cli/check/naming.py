"""Which kills name a connection: the checker's own spelling, by what the contracts say of keys."""

from typing import Final


def _hex(column: str) -> str:
    return f"replace({column}::text, '-', '')"


_TENANT, _USER, _CLIENT = (_hex(f"c.{name}_id") for name in ("tenant", "user", "client"))
ID: Final = _hex("c.id")
"""The id of the connection ``c`` as the feed spells it."""
NAMES: Final = f"""
    (VALUES
        ('client', {_CLIENT}), ('tenant_client', {_TENANT} || {_CLIENT}),
        ('tenant_user_client', {_TENANT} || {_USER} || {_CLIENT}), ('tenant_user', {_TENANT} || {_USER}),
        ('user', {_USER}), ('tenant', {_TENANT}), ('all', '')
    ) AS name (kind, key)
"""
"""Every kind and key by which a kill of many names the connection ``c``."""
DEATHS: Final = f"""
    (
        SELECT number, at, effective_at FROM feed WHERE kind = 'connection' AND key = {ID}
        UNION ALL
        SELECT number, at, effective_at FROM {NAMES} JOIN feed USING (kind, key) WHERE feed.value >= c.born
    )
"""  # noqa: S608 - our own words
"""Everything in the feed that says that the connection ``c`` is dead."""
OWN: Final = "c.user_id = c.client_id"
"""The connection ``c`` is of a client that acts for itself: it has no code, no refresh token and no person."""
COMMITTED: Final = """
    least(
        (SELECT later.at FROM feed AS later WHERE later.number > death.number ORDER BY later.number LIMIT 1),
        CASE WHEN death.effective_at < death.at + $2::interval THEN death.effective_at END,
        death.at + interval '1 minute'
    )
"""
"""When the feed's entry ``death`` was committed at the latest. ``$2`` is the lease.

The next entry is written after that, under one lock. What all verifiers have applied is committed; what is in force
only because a lease is over tells nothing. A database may stall in the middle of a commit, but no longer than a minute.
"""
