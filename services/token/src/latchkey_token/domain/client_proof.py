"""What a client must show at the token endpoint, by its type and its proof setting."""

import hashlib
import hmac
from collections.abc import Iterable

from latchkey_contracts.requests.clients import Gate


def authenticated(gate: Gate, secrets: Iterable[str]) -> bool:
    """Whether these secrets, any of which may be the one, authenticate the client.

    A barred client is nobody. A public one has none to compare with: what it sends as a secret is passed over. A
    confidential client that proves itself by PKCE may leave its secret out, but a wrong one is refused.
    """
    if gate.barred:
        return False
    if gate.client_type == "public":
        return True
    digests = [hashlib.sha256(secret.encode()).hexdigest() for secret in secrets]
    if not digests:
        return gate.proof == "pkce"
    return any(hmac.compare_digest(digest, known) for digest in digests for known in gate.secret_hashes)


def needs_verifier(gate: Gate) -> bool:
    """Whether a code of this client is never exchanged without a PKCE verifier."""
    return gate.client_type == "public" or gate.proof != "secret"
