"""What each service is told: the seam between the stack and the services."""

import os
from collections.abc import Mapping

import msgspec

from latchkey_embedded import Postgres
from latchkey_local.addresses import LOOPBACK, Addresses
from latchkey_local.brought import Brought
from latchkey_local.credentials import Credentials
from latchkey_local.home import Home
from latchkey_local.services import OPERATOR, OWNERS, Instance, Service, variable

BASE = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONUNBUFFERED": "1",
}
# On one machine nobody speaks TLS; reading the certificate authorities would cost every process 0.1 s at its start.
WITHOUT_TLS = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


def of_service(
    home: Home,
    instance: Instance,
    addresses: Addresses,
    credentials: Credentials,
    postgres: Postgres | Brought,
    brought: Brought,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment of one process; it holds nobody else's secret."""
    name, service = instance.name, instance.service
    env = _base(brought) | {
        "ORIGIN": addresses.origin,
        "HOST": LOOPBACK,
        "PORT": str(addresses.ports[name]),
        "INTERNAL_PORT": str(addresses.ports[f"{name}-internal"]),
        "ADMIN_PORT": str(addresses.ports[f"{name}-admin"]),
        "INTERNAL_CALLERS": msgspec.json.encode(credentials.callers()).decode(),
        "LOCAL_MODE": "true",
        "LOG_LEVEL": environ.get("LOG_LEVEL", "info"),
        "LOG_FORMAT": "json",
    }  # fmt: skip
    if service.database:
        env["DATABASE_URL"] = _database_url(service, credentials, postgres)
    if service.name == "audit":
        env |= {"STREAMS_URL": addresses.streams_url, "CHECKPOINT_FILE": str(home.checkpoints)}
    if service.of:
        return env
    return env | _nats(service.name, addresses, credentials, brought) | addresses.peer_urls() | {
        "WORKSPACE_ORIGIN": addresses.origin,
        "INTERNAL_SECRET": credentials.internal(service.name),
        "MASTER_KEY_FILE": str(credentials.master_key_file),
        "MIGRATE_ON_START": "false" if service.kept else "true",
    }  # fmt: skip


def of_migration(
    instance: Instance, credentials: Credentials, postgres: Postgres | Brought, served: dict[str, str]
) -> dict[str, str]:
    """Return the environment of `migrate` for a kept database: that of its service, and the owner's way in."""
    service = instance.service
    url = postgres.dsn(service.database_name, user=service.owning_role, password=credentials.owner(service.name))
    return served | {"OWNER_DATABASE_URL": url}


def _database_url(service: Service, credentials: Credentials, postgres: Postgres | Brought) -> str:
    return postgres.dsn(service.database_name, user=service.role, password=credentials.database(service.owner))


def _base(brought: Brought) -> dict[str, str]:
    return BASE | ({} if brought.database_url or brought.nats_url else WITHOUT_TLS)


def _nats(name: str, addresses: Addresses, credentials: Credentials, brought: Brought) -> dict[str, str]:
    """In a NATS of yours all services are the one user that you named."""
    if brought.nats_url:
        user, password = brought.nats_user, brought.nats_password
    else:
        user, password = name, credentials.nats(name)
    return {"NATS_URL": addresses.nats_url, "NATS_USER": user, "NATS_PASSWORD": password}


def of_operator(
    home: Home, addresses: Addresses, credentials: Credentials, postgres: Postgres | Brought, brought: Brought
) -> dict[str, str]:
    """Return the environment of the `latchkey` command. It reads the databases to check them, and never writes."""
    databases = {
        f"{variable(service.name)}_DATABASE_URL": _database_url(service, credentials, postgres)
        for service in OWNERS
        if service.database
    }
    return _base(brought) | addresses.peer_urls() | addresses.admin_urls() | databases | {
        "ORIGIN": addresses.origin,
        "NATS_URL": addresses.nats_url,
        "STREAMS_URL": addresses.streams_url,
        "OPERATOR_SECRET": credentials.internal(OPERATOR),
        "LATCHKEY_HOME": str(home.path),
        "CHECKPOINT_FILE": str(home.checkpoints),
        "AUDIT_MASTER_KEY_FILE": str(credentials.master_key_file),
        "LOCAL_MODE": "true",
    }  # fmt: skip
