"""When a user is not asked again, because they have granted as much before and it still stands."""

from latchkey_auth.domain.authorization import Asked
from latchkey_auth.domain.destination import destination
from latchkey_contracts.requests.clients import Client
from latchkey_contracts.requests.console import StandingGrant
from latchkey_contracts.requests.permissions import Resolution


def goes_without_asking(
    client: Client, redirect_uri: str, wanted: Asked, resolution: Resolution, standing: StandingGrant | None
) -> bool:
    """Whether an app that is known to be the same one asks for nothing beyond what stands.

    Only a confidential client, at an address of the web, is known to be the same: any program can name a public
    client's id, and listen on a loopback port or open an app's own scheme (RFC 6749 §10.2, RFC 8252 §8.6).
    """
    return (
        standing is not None
        and client.client_type == "confidential"
        and destination(redirect_uri).kind == "site"
        and wanted.prompt <= {"none"}
        and (resolution.document == standing.document or resolution.within)
        and set(wanted.audiences) <= set(standing.resources)
    )
