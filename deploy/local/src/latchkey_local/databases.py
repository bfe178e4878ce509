"""A role and a database for each service that has state; nobody else may connect to it."""

import asyncpg

from latchkey_embedded import Postgres
from latchkey_local.brought import Brought
from latchkey_local.credentials import Credentials
from latchkey_local.errors import StackError
from latchkey_local.services import OWNERS, Service


async def provide(server: Postgres | Brought, credentials: Credentials, brought: Brought) -> None:
    """Make what is not there yet. Every step is looked at on its own, so an interrupted run is completed."""
    try:
        connection = await asyncpg.connect(server.dsn(), timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise StackError(f"PostgreSQL cannot be used: {type(problem).__name__}: {problem}") from None
    stateful = [service for service in OWNERS if service.database]
    try:
        for service in stateful:
            await _make_roles(connection, service, credentials)
            await _make_database(connection, service, server)
        # In a server of somebody else's, only what is ours is closed.
        shared = () if brought.database_url else ("postgres", "template1")
        for name in (*shared, *(service.database_name for service in stateful)):
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    except asyncpg.InsufficientPrivilegeError as problem:
        raise StackError(f"The role of LATCHKEY_DATABASE_URL may not make roles and databases: {problem}") from None
    finally:
        await connection.close()
    if brought.database_url:
        for service in stateful:
            await _check_password(brought, service.database_name, service.role, credentials.database(service.name))
            if service.kept:
                await _check_password(
                    brought, service.database_name, service.owning_role, credentials.owner(service.name)
                )


async def _make_roles(
    connection: "asyncpg.Connection[asyncpg.Record]", service: Service, credentials: Credentials
) -> None:
    wanted = {service.role: credentials.database(service.name)}
    if service.kept:
        wanted[service.owning_role] = credentials.owner(service.name)
    for role, password in wanted.items():
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role):
            # CREATE ROLE takes no parameters, so PostgreSQL quotes the password itself.
            statement = await connection.fetchval(
                "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, password
            )
            await connection.execute(statement)


async def _make_database(
    connection: "asyncpg.Connection[asyncpg.Record]", service: Service, server: Postgres | Brought
) -> None:
    name = service.database_name
    owner = await connection.fetchval("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", name)
    if owner is None:
        await connection.execute(f"CREATE DATABASE {name} OWNER {service.owning_role}")
    elif owner != service.owning_role:
        await _hand_over(server.dsn(name), service)
    if service.kept:
        await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {service.role}")


async def _hand_over(url: str, service: Service) -> None:
    """A data folder of an earlier release: there the service itself owned its database, and all that is in it."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(f"REASSIGN OWNED BY {service.role} TO {service.owning_role}")
    finally:
        await connection.close()


async def _check_password(brought: Brought, database: str, role: str, password: str) -> None:
    """A server may have our roles from another data folder, with passwords that are not ours."""
    try:
        connection = await asyncpg.connect(brought.dsn(database, user=role, password=password), timeout=10)
    except asyncpg.InvalidPasswordError:
        raise StackError(
            f"The role {role} is there with a password that another data folder knows. "
            "Use that folder (LATCHKEY_HOME=…), or another server, or drop the lk_ roles and latchkey_ databases."
        ) from None
    await connection.close()
