"""What the audit service signs for: where a tenant's log stood, and which stretches of it were let go.

Each is a JWS (RFC 7515) in compact form, EdDSA with Ed25519 (RFC 8037). Digests are those of the chain, in hexadecimal
(see `chain`); ``iat`` is in seconds since 1970; ``iss`` is the origin of the API. Facts of no tenant: tenant of zeros.
"""

from typing import ClassVar, TypeAlias

import msgspec

from latchkey_contracts.ids import Id


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The log of ``tenant`` up to ``position`` is what ``digest`` says."""

    typ: ClassVar[str] = "audit-checkpoint+jwt"
    iss: str
    tenant: Id
    position: int
    digest: str
    iat: int


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """Entries ``first`` to ``last`` are gone at the end of their time.

    ``before`` is the digest at the position before the first, ``digest`` that at the last: the rest goes on from there.
    """

    typ: ClassVar[str] = "audit-forgotten+jwt"
    iss: str
    tenant: Id
    first: int
    last: int
    before: str
    digest: str
    iat: int


Statement: TypeAlias = Checkpoint | Forgotten


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 key as a JWK (RFC 8037); ``kid`` is its thumbprint (RFC 7638)."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    x: str
    kid: str
    use: str = "sig"
    alg: str = "EdDSA"


class Keys(msgspec.Struct, frozen=True):
    """A JWK set (RFC 7517 §5)."""

    keys: tuple[PublicKey, ...]


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the checkpoint file. ``at`` is in microseconds since 1970; ``signed`` is a `Checkpoint`."""

    tenant: Id
    position: int
    at: int
    signed: str
    key: PublicKey
