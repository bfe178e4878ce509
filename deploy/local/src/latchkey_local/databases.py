"""A role and a database for each service that has state; nobody else may connect to it."""

import asyncpg

from latchkey_embedded import Postgres
from latchkey_local.credentials import Credentials
from latchkey_local.services import SERVICES, Service


async def provide(server: Postgres, credentials: Credentials) -> None:
    """Make what is not there yet. Every step is looked at on its own, so an interrupted run is completed."""
    connection = await asyncpg.connect(server.dsn())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for service in SERVICES:
            if service.database and service.role not in roles:
                await _make_role(connection, service, credentials.database(service.name))
            if service.database and service.database_name not in databases:
                await connection.execute(f"CREATE DATABASE {service.database_name} OWNER {service.role}")
        for name in ("postgres", "template1", *(service.database_name for service in SERVICES if service.database)):
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


async def _make_role(connection: "asyncpg.Connection[asyncpg.Record]", service: Service, password: str) -> None:
    # CREATE ROLE takes no parameters, so PostgreSQL quotes the password itself.
    statement = await connection.fetchval(
        "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", service.role, password
    )
    await connection.execute(statement)
