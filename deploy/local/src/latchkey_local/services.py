"""The services of the house, as data."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Service:
    """One service: a process `latchkey-<name> serve`, with a NATS user and an internal credential of its name."""

    name: str
    database: bool = False

    @property
    def variable(self) -> str:
        """Its name inside the name of an environment variable."""
        return self.name.upper().replace("-", "_")

    @property
    def role(self) -> str:
        """Its PostgreSQL role."""
        return "lk_" + self.name.replace("-", "_")

    @property
    def database_name(self) -> str:
        return "latchkey_" + self.name.replace("-", "_")

    @property
    def command(self) -> list[str | Path]:
        return [script(f"latchkey-{self.name}"), "serve"]


SERVICES = (
    Service("auth", database=True),
    Service("token", database=True),
    Service("client-registry", database=True),
    Service("permissions", database=True),
    Service("audit", database=True),
    Service("edge"),
    Service("records", database=True),
    Service("mcp"),
)
PEERS = ("auth", "token", "client-registry", "permissions", "records")  # who is asked by others
OPERATOR = "operator"  # the `latchkey` command


def script(name: str) -> Path:
    """Return where a command of ours is: beside this Python."""
    return Path(sys.executable).with_name(name)
