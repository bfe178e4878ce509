"""What the console is told. It has neither a database nor events: everything is its owner's."""

from latchkey_kit.settings import Common, OptionalOrigin


class Settings(Common, frozen=True, kw_only=True):
    """What it has of its own."""

    workspace_origin: OptionalOrigin = ""
    """Origin of the pages; empty when it is the API origin."""
    auth_url: str
    """Internal address of the auth service, which knows whose browser it is."""
    token_url: str
    """Internal address of the token service."""
    client_registry_url: str
    """Internal address of the client registry."""
    permissions_url: str
    """Internal address of the permissions service."""
    audit_url: str
    """Internal address of the audit service."""

    @property
    def pages(self) -> str:
        return self.workspace_origin or self.origin
