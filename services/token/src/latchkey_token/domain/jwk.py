"""Public keys as JWKs (RFC 7517), for ES256 (RFC 7518 §6.2)."""

import base64
import hashlib

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

_COORDINATE = 32


class PublicJwk(msgspec.Struct, frozen=True, kw_only=True):
    """A public key on P-256. It has no field that could hold a private member."""

    kid: str
    x: str
    y: str
    kty: str = "EC"
    crv: str = "P-256"
    use: str = "sig"
    alg: str = "ES256"


def public_jwk(key: EllipticCurvePublicKey) -> PublicJwk:
    """The JWK of a key; its id is the key's thumbprint (RFC 7638)."""
    point = key.public_numbers()
    x, y = _base64url(point.x.to_bytes(_COORDINATE)), _base64url(point.y.to_bytes(_COORDINATE))
    required = msgspec.json.encode({"crv": "P-256", "kty": "EC", "x": x, "y": y})
    return PublicJwk(kid=_base64url(hashlib.sha256(required).digest()), x=x, y=y)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
