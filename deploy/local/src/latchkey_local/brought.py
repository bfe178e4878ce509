"""PostgreSQL and NATS that you bring: `LATCHKEY_DATABASE_URL` and `LATCHKEY_NATS_URL`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from latchkey_local.errors import StackError


@dataclass(frozen=True)
class Brought:
    """Empty where the stack starts its own. `database_url` is an administrator's: it makes databases and roles."""

    database_url: str = field(default="", repr=False)
    nats_url: str = ""
    nats_user: str = ""
    nats_password: str = field(default="", repr=False)

    def dsn(self, database: str = "", *, user: str = "", password: str = "") -> str:
        """Return the address of a database there; without arguments the administrator's own."""
        there = urlsplit(self.database_url)
        if not database:
            return self.database_url
        if not user:
            return urlunsplit(there._replace(path=f"/{quote(database, safe='')}"))
        host = there.netloc.rpartition("@")[2]
        secret = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return urlunsplit(there._replace(netloc=f"{secret}@{host}", path=f"/{quote(database, safe='')}"))


def from_environment(environ: Mapping[str, str]) -> Brought:
    """Read both addresses. Raises StackError for what is none; their secrets are not repeated."""
    database, nats = environ.get("LATCHKEY_DATABASE_URL", ""), environ.get("LATCHKEY_NATS_URL", "")
    if database and urlsplit(database).scheme not in {"postgres", "postgresql"}:
        raise StackError("LATCHKEY_DATABASE_URL must look like postgresql://admin:password@host:5432/postgres")
    there = urlsplit(nats)
    if nats and (there.scheme not in {"nats", "tls"} or not there.hostname):
        raise StackError("LATCHKEY_NATS_URL must look like nats://user:password@host:4222 (user and password if any)")
    return Brought(
        database_url=database,
        nats_url=urlunsplit(there._replace(netloc=there.netloc.rpartition("@")[2])) if nats else "",
        nats_user=unquote(there.username or ""),
        nats_password=unquote(there.password or ""),
    )
