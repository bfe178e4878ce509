"""A role and a database for each service that has state; nobody else may connect to it."""

import asyncpg

from latchkey_local.brought import Brought
from latchkey_local.credentials import Credentials
from latchkey_local.errors import StackError
from latchkey_local.services import OWNERS, Service


async def provide(admin_url: str, credentials: Credentials, brought: Brought) -> None:
    """Make what is not there yet. Every step is looked at on its own, so an interrupted run is completed."""
    try:
        connection = await asyncpg.connect(admin_url, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise StackError(f"PostgreSQL cannot be used: {type(problem).__name__}: {problem}") from None
    stateful = [service for service in OWNERS if service.database]
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for service in stateful:
            if service.role not in roles:
                await _make_role(connection, service, credentials.database(service.name))
            if service.database_name not in databases:
                await connection.execute(f"CREATE DATABASE {service.database_name} OWNER {service.role}")
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
            await _check_password(brought, service, credentials.database(service.name))


async def _make_role(connection: "asyncpg.Connection[asyncpg.Record]", service: Service, password: str) -> None:
    # CREATE ROLE takes no parameters, so PostgreSQL quotes the password itself.
    statement = await connection.fetchval(
        "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", service.role, password
    )
    await connection.execute(statement)


async def _check_password(brought: Brought, service: Service, password: str) -> None:
    """A server may have our roles from another data folder, with passwords that are not ours."""
    try:
        connection = await asyncpg.connect(
            brought.dsn(service.database_name, user=service.role, password=password), timeout=10
        )
    except asyncpg.InvalidPasswordError:
        raise StackError(
            f"The role {service.role} is there with a password that another data folder knows. "
            "Use that folder (LATCHKEY_HOME=…), or another server, or drop the lk_ roles and latchkey_ databases."
        ) from None
    await connection.close()
