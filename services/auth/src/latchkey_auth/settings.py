"""What the auth service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents


class Settings(Common, WithDatabase, WithEvents, frozen=True, kw_only=True):
    """Addresses are those of the other services' internal ports."""

    client_registry_url: str
    permissions_url: str
    token_url: str
    workspace_origin: str = ""
    """Origin of the pages, if it is not the API origin. No trailing slash."""
    session_hours: int = 12
    password_threads: int = 2
    """Password hashes under way at once; each takes 64 MiB."""

    @property
    def pages(self) -> str:
        return self.workspace_origin or self.origin
