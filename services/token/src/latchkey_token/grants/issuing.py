"""Spelling the answer: an access token of its own each time, and the refresh token that the row has."""

import datetime as dt
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy, new_id
from latchkey_oauth.token_string import derive_secret, seal
from latchkey_token.domain.connection import Granted
from latchkey_token.domain.presentation import Presentation
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.keys.signing import AccessClaims, Signer


class TokenResponse(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6749 §5.1. ``scope`` is the granted ``model:action`` list, ``expires_in`` seconds of the access token."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a type
    expires_in: int
    refresh_token: str | UnsetType = UNSET
    scope: str

    def __repr__(self) -> str:
        """Nothing that opens a door."""
        return f"TokenResponse(scope={self.scope!r})"


class Issuer:
    """``lifetime`` of access tokens, in seconds."""

    def __init__(self, keys: MacKeys, signer: Signer, clock: Clock, entropy: Entropy, *, lifetime: int) -> None:
        self._keys = keys
        self._signer = signer
        self._clock = clock
        self._entropy = entropy
        self._lifetime = lifetime

    def successor(self, shown: Presentation, nonce: bytes) -> bytes:
        """Secret of the next refresh token: the same whenever the same one is shown with the rotation's nonce."""
        return derive_secret(self._keys.derive, shown.token.secret, nonce, shown.token.connection, shown.generation + 1)

    def response(self, granted: Granted, secret: bytes, audiences: tuple[str, ...], at: dt.datetime) -> TokenResponse:
        """Answer with the refresh token of this secret. ``at`` is the database's clock."""
        return TokenResponse(
            access_token=self._access_token(granted, audiences, int(at.timestamp())),
            expires_in=self._lifetime,
            refresh_token=seal(
                "refresh", granted.id, granted.generation, secret, self._keys.current_id, self._keys.current
            ),
            scope=granted.scope,
        )

    def own(self, granted: Granted, audiences: tuple[str, ...], at: dt.datetime) -> TokenResponse:
        """Answer a client that acts for itself: without a refresh token (RFC 6749 §4.4.3)."""
        return TokenResponse(
            access_token=self._access_token(granted, audiences, int(at.timestamp())),
            expires_in=self._lifetime,
            scope=granted.scope,
        )

    def _access_token(self, granted: Granted, audiences: tuple[str, ...], issued_at: int) -> str:
        return self._signer.sign(
            AccessClaims(
                sub=granted.user,
                client_id=granted.client,
                tid=granted.tenant,
                sid=granted.id,
                born=granted.born,
                aud=audiences,
                prm=granted.document.hex(),
                jti=new_id(self._clock, self._entropy),
                iat=issued_at,
                exp=issued_at + self._lifetime,
            )
        )
