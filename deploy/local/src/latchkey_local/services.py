"""The services of the house, as data."""

import sys
from dataclasses import dataclass
from pathlib import Path

from latchkey_local.errors import StackError


@dataclass(frozen=True)
class Service:
    """A process `latchkey-<name> <verb>`, with a NATS user and an internal credential of its name; or one `of` another.

    That one uses the other's program and database, and needs no more. Where the database is `kept`, it belongs to a
    role of its own, as which only `latchkey-<name> migrate` logs in. One without `events` has no NATS user.
    """

    name: str
    database: bool = False
    kept: bool = False
    of: str = ""
    verb: str = "serve"
    public: bool = True
    events: bool = True

    @property
    def owner(self) -> str:
        return self.of or self.name

    @property
    def role(self) -> str:
        """Its PostgreSQL role."""
        return "lk_" + self.owner.replace("-", "_")

    @property
    def owning_role(self) -> str:
        """The PostgreSQL role that owns its database."""
        return f"{self.role}_owner" if self.kept else self.role

    @property
    def database_name(self) -> str:
        return "latchkey_" + self.owner.replace("-", "_")

    @property
    def command(self) -> list[str | Path]:
        return [script(f"latchkey-{self.owner}"), self.verb]


SERVICES = (
    Service("auth", database=True),
    Service("token", database=True),
    Service("heads", database=True, of="token", verb="heads", public=False),
    Service("client-registry", database=True),
    Service("permissions", database=True),
    Service("audit", database=True, kept=True),
    Service("edge"),
    Service("records", database=True),
    Service("mcp"),
    Service("console", events=False),
)
OWNERS = tuple(service for service in SERVICES if not service.of)
"""Those with a NATS user, a credential and, if any, a database of their own."""
PEERS = ("auth", "token", "heads", "client-registry", "permissions", "audit", "records")  # who is asked by others
OPERATOR = "operator"  # the `latchkey` command
MOST_INSTANCES = 9


@dataclass(frozen=True)
class Instance:
    """One process of a service; the first is named like it, the others `<name>-2` and so on."""

    service: Service
    number: int = 1

    @property
    def name(self) -> str:
        return self.service.name if self.number == 1 else f"{self.service.name}-{self.number}"


def instances(text: str) -> tuple[Instance, ...]:
    """Read `LATCHKEY_INSTANCES`: a number for all services, or `token=2,audit=3`; nothing is one of each."""
    counts = dict.fromkeys((service.name for service in SERVICES), 1)
    for word in filter(None, text.replace(" ", "").split(",")):
        name, equals, count = word.rpartition("=")
        if not count.isdecimal() or not 1 <= int(count) <= MOST_INSTANCES or (equals and name not in counts):
            known = ", ".join(counts)
            raise StackError(
                f"LATCHKEY_INSTANCES is '{text}'. Say how many of each, 1 to {MOST_INSTANCES}: a number, "
                f"or a list such as token=2,audit=3 (services: {known})."
            )
        counts |= {name: int(count)} if equals else dict.fromkeys(counts, int(count))
    return tuple(Instance(one, number) for one in SERVICES for number in range(1, counts[one.name] + 1))


def variable(name: str) -> str:
    """Return a service's name as it stands inside the name of an environment variable."""
    return name.upper().replace("-", "_")


def script(name: str) -> Path:
    """Return where a command of ours is: beside this Python."""
    return Path(sys.executable).with_name(name)
