"""Resource servers of others: token knows them, and is asked."""

from latchkey_contracts.requests.resource_servers import ResourceServerCheck
from latchkey_kit.requests import Peer


class ResourceServers:
    """Resource servers that the operator added (`latchkey resource-servers add`)."""

    def __init__(self, token: Peer) -> None:
        self._token = token

    async def is_one(self, name: str, digest: str) -> bool:
        """Whether one has this name, and a secret of this SHA-256 (hexadecimal).

        Raises:
            PeerUnavailable: token is away.

        """
        return (await self._token.ask(ResourceServerCheck(name=name, digest=digest))).known
