"""Signing keys at rest and in use: made at the first start, kept sealed, opened by every instance."""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from latchkey_kit.db import Database
from latchkey_kit.sealing import Sealer, SealError
from latchkey_token.domain.jwk import PublicJwk, public_jwk
from latchkey_token.domain.key_life import State
from latchkey_token.keys.signing import Signer, SigningKey
from latchkey_token.store import keys as store
from latchkey_token.store.keys import SealedSigningKey


async def load_signer(database: Database, sealer: Sealer, issuer: str, *, lifetime: int) -> Signer:
    """Open the keys, and make an active and a next one when there are none. Safe in several processes at once.

    ``lifetime`` of the access tokens that will be signed, in seconds.
    """
    async with database.transaction() as connection:
        await store.lock(connection)
        await store.reach(connection, lifetime)
        sealed = await store.signing_keys(connection)
        if not sealed:
            sealed = (made(sealer, "active"), made(sealer, "next"))
            for key in sealed:
                await store.add_signing_key(connection, key)
    return Signer(issuer, [opened(key, sealer) for key in sealed])


def made(sealer: Sealer, state: State = "next") -> SealedSigningKey:
    """Make a key that was never there before."""
    private = ec.generate_private_key(ec.SECP256R1())  # from OpenSSL's own generator, which takes no source of ours
    public = public_jwk(private.public_key())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SealedSigningKey(public.kid, state, sealer.seal(der, _purpose(public.kid)), msgspec.json.encode(public))


def opened(sealed: SealedSigningKey, sealer: Sealer) -> SigningKey:
    """Open a key; `SealError` when it is not ours to open."""
    private = load_der_private_key(sealer.open(sealed.private_key, _purpose(sealed.kid)), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise SealError(f"the signing key {sealed.kid} is not on an elliptic curve")
    public = msgspec.json.decode(sealed.public_jwk, type=PublicJwk)
    return SigningKey(private, public, sealed.state, sealed.compromised)


def _purpose(kid: str) -> str:
    return f"signing key {kid}"
