"""Signing what is said of the audit log, and believing it only when it is signed."""

import hashlib
from collections.abc import Iterable
from typing import TypeVar

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.utils import base64url_decode, base64url_encode

from latchkey_contracts.seals import Keys, PublicKey, Statement
from latchkey_kit.deriving import derive

ALGORITHM = "EdDSA"
PURPOSE = "checkpoint"
_JWS = jwt.PyJWS(algorithms=[ALGORITHM])
StatementT = TypeVar("StatementT", bound=Statement)


class BadSealError(Exception):
    """It is not signed by a key that is known, or says something else than it should."""


class SealKey:
    """The key of an audit service, from its master key."""

    def __init__(self, master: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(derive(master, PURPOSE))
        self.public = public_key(self._private.public_key())

    def sign(self, statement: Statement) -> str:
        headers = {"typ": statement.typ, "kid": self.public.kid}
        return jwt.encode(msgspec.structs.asdict(statement), self._private, ALGORITHM, headers)


def public_key(key: Ed25519PublicKey) -> PublicKey:
    x = base64url_encode(key.public_bytes_raw()).decode()
    named = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return PublicKey(x=x, kid=base64url_encode(hashlib.sha256(named.encode()).digest()).decode())


class Seals:
    """Knows the signatures of some keys. What a key calls itself does not count: its name is its thumbprint."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        for one in keys:
            try:
                key = Ed25519PublicKey.from_public_bytes(base64url_decode(one.x))
            except ValueError:
                raise BadSealError("a key is no Ed25519 key") from None
            self._keys[public_key(key).kid] = key

    def __bool__(self) -> bool:
        return bool(self._keys)

    def read(self, signed: str, kind: type[StatementT]) -> StatementT:
        """Read what is signed.

        Raises:
            BadSealError: it says something else, or none of the keys has signed it.

        """
        try:
            header = jwt.get_unverified_header(signed)
            key = self._keys.get(header.get("kid", ""))
            if key is None:
                raise BadSealError("the key that signed it is not known")
            if header.get("typ") != kind.typ:
                raise BadSealError("it is signed for something else")
            _JWS.decode(signed, key, algorithms=[ALGORITHM])
        except (jwt.PyJWTError, ValueError):
            raise BadSealError("the signature is not right") from None
        return said(signed, kind)


def said(signed: str, kind: type[StatementT]) -> StatementT:
    """What a statement says, whoever signed it.

    Raises:
        BadSealError: it cannot be read.

    """
    try:
        return msgspec.json.decode(base64url_decode(signed.split(".")[1]), type=kind)
    except (IndexError, ValueError, msgspec.MsgspecError):
        raise BadSealError("it cannot be read") from None


def keys_of(text: bytes) -> tuple[PublicKey, ...]:
    """Read a JWK set, or a single JWK.

    Raises:
        BadSealError: it is neither, or of another kind of key.

    """
    try:
        try:
            return msgspec.json.decode(text, type=Keys).keys
        except msgspec.ValidationError:
            return (msgspec.json.decode(text, type=PublicKey),)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadSealError("it holds no key such as GET /v1/audit-checkpoints/keys gives") from None
