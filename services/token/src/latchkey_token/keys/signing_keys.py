"""The life of signing keys: made at the first start, published before use, kept sealed."""

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
from latchkey_token.keys.signing import Signer, SigningKey
from latchkey_token.store import keys as store
from latchkey_token.store.keys import SealedSigningKey, SigningState


async def load_signer(database: Database, sealer: Sealer, issuer: str) -> Signer:
    """Open the keys, and make an active and a next one when there are none. Safe in several processes at once."""
    async with database.transaction() as connection:
        await store.lock(connection)
        sealed = await store.signing_keys(connection)
        if not sealed:
            sealed = (_make("active", sealer), _make("next", sealer))
            for key in sealed:
                await store.add_signing_key(connection, key)
    return Signer(issuer, [_open(key, sealer) for key in sealed])


def _make(state: SigningState, sealer: Sealer) -> SealedSigningKey:
    private = ec.generate_private_key(ec.SECP256R1())  # from OpenSSL's own generator, which takes no source of ours
    public = public_jwk(private.public_key())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SealedSigningKey(
        public.kid, state, sealer.seal(der, _purpose(public.kid)), msgspec.json.encode(public)
    )  # fmt: skip


def _open(sealed: SealedSigningKey, sealer: Sealer) -> SigningKey:
    private = load_der_private_key(sealer.open(sealed.private_key, _purpose(sealed.kid)), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise SealError(f"the signing key {sealed.kid} is not on an elliptic curve")
    return SigningKey(private, msgspec.json.decode(sealed.public_jwk, type=PublicJwk), sealed.state)


def _purpose(kid: str) -> str:
    return f"signing key {kid}"
