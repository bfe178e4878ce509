"""``grant_type=authorization_code`` (RFC 6749 §4.1.3, RFC 7636 §4.5)."""

from latchkey_contracts.requests.clients import Gate
from latchkey_oauth.parameters import Parameters
from latchkey_oauth.pkce import verifier_digest
from latchkey_oauth.token_string import secret_hash
from latchkey_token.domain.client_proof import needs_verifier
from latchkey_token.domain.presentation import UNFIT_VERIFIER
from latchkey_token.grants.grant import Asked, Grant


def _read(parameters: Parameters, gate: Gate) -> Asked:
    redirect_uri = parameters.get("redirect_uri")
    return Asked(
        redirect_hash=None if redirect_uri is None else secret_hash(redirect_uri),
        verifier=_verifier(parameters.get("code_verifier"), gate),
        resources=parameters.resources,
    )


def _verifier(verifier: str | None, gate: Gate) -> bytes | None:
    if verifier is None:
        return UNFIT_VERIFIER if needs_verifier(gate) else None
    return verifier_digest(verifier) or UNFIT_VERIFIER


AUTHORIZATION_CODE = Grant(parameter="code", kind="code", read=_read)
