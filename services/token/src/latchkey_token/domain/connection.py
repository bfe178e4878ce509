"""A connection as its row has it."""

import datetime as dt

import msgspec


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What tokens tell of a connection.

    ``document`` is the SHA-256 of the grant document, ``scope`` words parted by one space, ``resources`` the audiences.
    """

    id: str
    tenant: str
    user: str
    client: str
    born: int
    document: bytes
    scope: str
    resources: tuple[str, ...]
    generation: int


class ConnectionState(Granted, frozen=True, kw_only=True):
    """The whole row, and what the statement that read it found beside it.

    ``ends``: when the connection expires, by every limit as it is now. ``dead``: it was cut, alone or with others.
    ``now`` is the database's clock.
    """

    redirect_uri_sent: bool
    redirect_hash: bytes
    challenge: bytes | None
    current_hash: bytes
    nonce: bytes | None
    rotated_at: dt.datetime | None
    unanswered: int | None
    ends: dt.datetime
    dead: bool
    now: dt.datetime

    @property
    def alive(self) -> bool:
        return not self.dead and self.now < self.ends
