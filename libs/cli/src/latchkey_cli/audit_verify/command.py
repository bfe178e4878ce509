"""The command: what to read, whom to believe, and what to print."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from latchkey_cli.audit_verify import keys, log
from latchkey_cli.audit_verify.anchors import File, read_file
from latchkey_cli.audit_verify.found import Verdict
from latchkey_cli.audit_verify.progress import Progress
from latchkey_cli.check.databases import Databases, addresses
from latchkey_cli.errors import CommandError
from latchkey_cli.operator import NO_TENANT, environment, tenant_id
from latchkey_contracts.events.audit import NOBODY
from latchkey_kit.settings import load

_NO_FILE = (
    "no checkpoint file was given: where the end of a log was cut off together with its checkpoints, nothing here tells"
)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``databases`` are addresses by service; ``tenant`` is a name, an id or ``_``; ``keys`` are files."""

    databases: Mapping[str, str] = {}
    tenant: str | None = None
    checkpoints: str | None = None
    keys: Sequence[str] = ()
    as_json: bool = False


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    checkpoint_file: str = ""


async def run(options: Options) -> int:
    """Verify, and print; returns the exit code, 1 if something is wrong."""
    verdict = await verify(options, os.environ)
    sys.stdout.write(verdict.json() if options.as_json else verdict.lines())
    return int(bool(verdict.findings))


async def verify(options: Options, environ: Mapping[str, str]) -> Verdict:
    """Give what is wrong with the logs.

    Raises:
        CommandError: the database, the file or a key cannot be read.

    """
    verdict = Verdict()
    file = _file(options, environ)
    seals, doubt = keys.seals(options.keys, file, environ)
    verdict.unproven += [doubt] * bool(doubt) + [_NO_FILE] * (file is None)
    if file and file.broken:
        verdict.numbers["lines of the file that broke off"] = file.broken
    databases = Databases(addresses(options.databases, environ))
    if "audit" not in databases:
        raise CommandError("the database of audit is not known: set AUDIT_DATABASE_URL, or give --database audit=URL")
    try:
        tenant = await _tenant(databases, options.tenant)
        async with databases.now("audit") as connection:
            groups = [[tenant]] if tenant else await log.groups(connection, file)
            if tenant and not (file and tenant in file.signed) and not await log.is_known(connection, tenant):
                raise CommandError(f"nothing is known of tenant {tenant}: there is no log to verify")
            count = sum(map(len, groups))
            progress, reader = Progress(count), log.Log(connection, seals, file, verdict)
            verdict.numbers["tenants"], verdict.numbers["entries"] = count, 0
            for group in groups:
                await reader.verify(group, progress)
        if file:
            verdict.unproven += reader.lacking.unproven(read_file(file.path), seals)
        verdict.names = await _names(databases, sorted({one.tenant for one in verdict.findings}))
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise CommandError(f"a database is not of this release ({error})") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandError(f"a database went away ({type(error).__name__})") from None
    return verdict


def _file(options: Options, environ: Mapping[str, str]) -> File | None:
    path = options.checkpoints
    if path is None:
        try:
            path = load(_Known, environment(environ)).checkpoint_file
        except CommandError:
            path = environ.get("CHECKPOINT_FILE", "")
        if not path or not pathlib.Path(path).exists():
            return None
    return read_file(pathlib.Path(path))


async def _tenant(databases: Databases, given: str | None) -> str | None:
    if given is None:
        return None
    if known := tenant_id(given):
        return known
    if "auth" not in databases:
        raise CommandError("give the tenant's id, or the database of auth, which knows its name")
    async with databases.now("auth") as connection:
        found: str | None = await connection.fetchval("SELECT id FROM tenant WHERE name = $1", given)
    if found is None:
        raise CommandError(f"there is no tenant {given}")
    return found


async def _names(databases: Databases, tenants: Sequence[str]) -> dict[str, str]:
    """Names of tenants, by id, as far as auth's database can tell them: they are for people, and prove nothing."""
    names = {NOBODY: f"{NO_TENANT}, facts of no tenant"}
    if tenants and "auth" in databases:
        with contextlib.suppress(CommandError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with databases.now("auth") as connection:
                rows = await connection.fetch("SELECT id, name FROM tenant WHERE id = ANY($1::uuid[])", tenants)
                names |= {row["id"]: row["name"] for row in rows}
    return {tenant: names[tenant] for tenant in tenants if tenant in names}
