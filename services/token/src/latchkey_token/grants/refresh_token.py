"""``grant_type=refresh_token`` (RFC 6749 §6)."""

from latchkey_contracts.requests.clients import Gate
from latchkey_oauth.parameters import Parameters
from latchkey_token.grants.grant import Asked, Grant


def _read(parameters: Parameters, _gate: Gate) -> Asked:
    return Asked(scope=parameters.get("scope"), resources=parameters.resources)


REFRESH_TOKEN = Grant(parameter="refresh_token", kind="refresh", read=_read)
