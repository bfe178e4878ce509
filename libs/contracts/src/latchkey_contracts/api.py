"""Where our APIs are: the audiences that access tokens may have (RFC 8707), compared by exact value."""

import msgspec


class Api(msgspec.Struct, frozen=True):
    """``origin`` is the issuer, too: scheme and host, without a slash at the end."""

    origin: str

    @property
    def rest(self) -> str:
        """The REST API: records and the management API."""
        return f"{self.origin}/v1"

    @property
    def mcp(self) -> str:
        """The MCP endpoint."""
        return f"{self.origin}/v1/mcp"

    @property
    def audiences(self) -> tuple[str, ...]:
        """All there are."""
        return (self.rest, self.mcp)
