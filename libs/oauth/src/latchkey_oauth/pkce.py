"""Proof Key for Code Exchange, S256 only (RFC 7636; RFC 9700 §2.1.1).

A digest here is the 32 bytes SHA-256 of the verifier, which is what an S256 challenge spells; it is what gets stored.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from latchkey_oauth.errors import invalid_request

METHOD = "S256"

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


def challenge_digest(challenge: str | None, method: str | None) -> bytes | None:
    """Digest of an authorization request's `code_challenge`, `None` if it has none; `invalid_request` if it is unfit.

    A challenge without a method would mean `plain` (RFC 7636 §4.3), which is never accepted, so it is refused.
    """
    if challenge is None:
        if method is not None:
            raise invalid_request("code_challenge_method was sent without code_challenge.")
        return None
    if method != METHOD:
        raise invalid_request("code_challenge_method must be S256.")
    # Spelled back because the last character carries two bits that a decoder drops.
    if not _CHALLENGE.fullmatch(challenge) or _spell(_read(challenge)) != challenge:
        raise invalid_request("code_challenge must be the base64url SHA-256 of the verifier, 43 characters.")
    return _read(challenge)


def verifier_digest(verifier: str) -> bytes | None:
    """Digest of a `code_verifier`, `None` if it is not 43 to 128 unreserved characters (RFC 7636 §4.1)."""
    if not _VERIFIER.fullmatch(verifier):
        return None
    return hashlib.sha256(verifier.encode()).digest()


def verify(verifier: str | None, digest: bytes | None) -> bool:
    """Whether a verifier answers the stored digest. Each without the other is a downgrade or an injection: False."""
    if verifier is None or digest is None:
        return verifier is None and digest is None
    presented = verifier_digest(verifier)
    return presented is not None and hmac.compare_digest(presented, digest)


def challenge_for(verifier: str) -> str:
    """S256 challenge of a verifier, for clients; `ValueError` if the verifier is unfit."""
    digest = verifier_digest(verifier)
    if digest is None:
        raise ValueError("a verifier is 43 to 128 unreserved characters")
    return _spell(digest)


def _read(challenge: str) -> bytes:
    return urlsafe_b64decode(challenge + "=")


def _spell(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
