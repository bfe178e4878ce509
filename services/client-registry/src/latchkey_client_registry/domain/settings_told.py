"""What of a client its events say, before and after. No secret is a setting."""

from collections.abc import Mapping

from latchkey_client_registry.domain.terms import Terms
from latchkey_contracts.events.base import Value
from latchkey_contracts.requests.clients import Client


def told(client: Client, terms: Terms) -> Mapping[str, Value]:
    """The settings by the names that the management API has for them."""
    return {
        "name": client.name,
        "description": client.description,
        "type": client.client_type,
        "proof": client.proof,
        "preset": client.preset,
        "redirect_uris": client.redirect_uris,
        "retry_window": terms.retry_window,
        "refresh_token_lifetime": terms.refresh_token_lifetime,
        "connection_lifetime": terms.connection_lifetime,
        "client_credentials": terms.client_credentials,
        "narrowing": client.narrowing,
        "dynamic": client.dynamic,
    }
