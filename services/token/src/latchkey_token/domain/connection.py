"""A connection as its row has it."""

import datetime as dt

import msgspec


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """``now`` is the database's clock in the statement that read the row. ``scope`` is words parted by one space."""

    id: str
    tenant: str
    user: str
    client: str
    born: int
    document: bytes
    scope: str
    resources: tuple[str, ...]
    redirect_uri_sent: bool
    redirect_hash: bytes
    challenge: bytes | None
    generation: int
    current_hash: bytes
    nonce: bytes | None
    rotated_at: dt.datetime | None
    unanswered: int | None
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    now: dt.datetime

    @property
    def alive(self) -> bool:
        return self.revoked_at is None and self.now < self.expires_at
