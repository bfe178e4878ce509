"""Who a verified access token speaks for."""

import datetime as dt

import msgspec

from latchkey_contracts.ids import Digest, Id


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of an access token (RFC 9068 §2.2) that passed every check.

    ``connection`` is ``sid``, ``tenant`` ``tid``, ``user`` ``sub``, ``client`` ``client_id``, ``document`` ``prm``.
    ``kid`` names the key that signed it (RFC 7515 §4.1.4).
    """

    connection: Id
    tenant: Id
    user: Id
    client: Id
    document: Digest
    audiences: tuple[str, ...]
    expires: dt.datetime
    born: int
    kid: str
