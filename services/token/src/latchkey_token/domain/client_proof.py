"""What a client must show at the token endpoint, by its type and its proof setting."""

import hashlib
import hmac
from collections.abc import Iterable

from latchkey_contracts.requests.clients import Gate


def authenticated(gate: Gate, secrets: Iterable[str]) -> bool:
    """Whether these secrets, any of which may be the one, authenticate the client, as `proof_shown` has it."""
    return proof_shown(gate, secrets) is not None


def proof_shown(gate: Gate, secrets: Iterable[str]) -> str | None:
    """The SHA-256 of the secret that authenticates the client, empty when none is needed; ``None``: it does not.

    A barred client is nobody. A public one has none to compare with: what it sends as a secret is passed over. A
    confidential client that proves itself by PKCE may leave its secret out, but a wrong one is refused.
    """
    if gate.barred:
        return None
    if gate.client_type == "public":
        return ""
    digests = [hashlib.sha256(secret.encode()).hexdigest() for secret in secrets]
    if not digests:
        return "" if gate.proof == "pkce" else None
    return next((known for known in gate.secret_hashes for one in digests if hmac.compare_digest(one, known)), None)


def needs_verifier(gate: Gate) -> bool:
    """Whether a code of this client is never exchanged without a PKCE verifier."""
    return gate.client_type == "public" or gate.proof != "secret"
