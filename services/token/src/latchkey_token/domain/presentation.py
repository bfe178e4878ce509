"""What a client shows at the token endpoint, ready to be compared with a row."""

from typing import Final

import msgspec

from latchkey_oauth.token_string import Presented, secret_hash

UNFIT_VERIFIER: Final = bytes(32)
"""Stands for a verifier that is malformed, or missing where one is due. It equals no SHA-256, and is not absent."""


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine code or refresh token, and who brings it with what.

    ``redirect_hash`` (SHA-256) and ``verifier`` (its digest, RFC 7636 §4.2) are ``None`` when they were left out.
    """

    token: Presented
    client: str
    redirect_hash: bytes | None = None
    verifier: bytes | None = None

    @property
    def generation(self) -> int:
        return self.token.generation

    @property
    def hash(self) -> bytes:
        return secret_hash(self.token.secret)
