"""Who is in the demo, and which apps they use."""

from typing import Final

import msgspec

from latchkey_cli.roles import ADMIN, DATA, REP
from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.permissions import PlainPermissions, PortfolioKind

PASSWORD: Final = "latchkey"  # noqa: S105 - everybody's, in the demo
LOOPBACK: Final = "http://127.0.0.1/callback"


class Person(msgspec.Struct, frozen=True):
    """``roles``: tenant → role."""

    email: str
    name: str
    roles: dict[str, str]
    staff: bool = False


class Role(msgspec.Struct, frozen=True):
    permissions: PlainPermissions
    portfolio: PortfolioKind
    administrative: bool


class App(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str
    client_type: ClientType
    permissions: PlainPermissions
    preset: Preset = "custom"
    proof: Proof = "both"


PRESET_REDIRECTS: Final = {
    "claude": ("https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"),
}

TENANTS: Final = {"acme": "Acme Success", "globex": "Globex"}
LABS_ON: Final = "acme"

ROLES: Final = {
    "Admin": Role(ADMIN, "all", administrative=True),
    "Rep": Role(REP, "own", administrative=False),
}

PEOPLE: Final = (
    Person("carly@acme.test", "Carly Nguyen", {"acme": "Admin"}),
    Person("sam@acme.test", "Sam Okafor", {"acme": "Rep"}),
    Person("kim@globex.test", "Kim Larsson", {"globex": "Admin"}),
    Person("rita@acme.test", "Rita Moreno", {"acme": "Admin", "globex": "Rep"}),
    Person("staff@latchkey.test", "Latchkey Staff", {}, staff=True),
)

APPS: Final = (
    App(
        name="claude-connector",
        description="Lets Claude look after companies and assets.",
        client_type="confidential",
        preset="claude",
        permissions={"company": DATA["company"], "asset": DATA["asset"]},
    ),
    App(
        name="sync-demo",
        description="Copies companies to and from another system.",
        client_type="confidential",
        permissions={"company": DATA["company"]},
    ),
    App(
        name="spa-demo",
        description="Shows a list of companies in the browser.",
        client_type="public",
        proof="pkce",
        permissions={"company": ("view",)},
    ),
    App(
        name="admin-cli",
        description="Manages the workspace from the command line.",
        client_type="public",
        proof="pkce",
        permissions=ADMIN,
    ),
)
