"""What each service is told: the seam between the stack and the services."""

import os
from collections.abc import Mapping

import msgspec

from latchkey_embedded import Postgres
from latchkey_local.addresses import LOOPBACK, Addresses
from latchkey_local.credentials import Credentials
from latchkey_local.home import Home
from latchkey_local.services import OPERATOR, Service

BASE = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONUNBUFFERED": "1",
    # On one machine nobody speaks TLS; reading the certificate authorities would cost every process 0.1 s at its start.
    "SSL_CERT_FILE": os.devnull,
    "SSL_CERT_DIR": os.devnull,
}


def of_service(
    service: Service,
    addresses: Addresses,
    credentials: Credentials,
    postgres: Postgres,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment of one service; it holds nobody else's secret."""
    env = BASE | addresses.peer_urls() | {
        "ORIGIN": addresses.origin,
        "WORKSPACE_ORIGIN": addresses.origin,
        "HOST": LOOPBACK,
        "PORT": str(addresses.ports[service.name]),
        "INTERNAL_PORT": str(addresses.ports[f"{service.name}-internal"]),
        "INTERNAL_SECRET": credentials.internal(service.name),
        "INTERNAL_CALLERS": msgspec.json.encode(credentials.callers()).decode(),
        "NATS_URL": addresses.nats_url,
        "NATS_USER": service.name,
        "NATS_PASSWORD": credentials.nats(service.name),
        "MASTER_KEY_FILE": str(credentials.master_key_file),
        "LOCAL_MODE": "true",
        "MIGRATE_ON_START": "true",
        "LOG_LEVEL": environ.get("LOG_LEVEL", "info"),
        "LOG_FORMAT": "json",
    }  # fmt: skip
    if service.database:
        env["DATABASE_URL"] = database_url(service, credentials, postgres)
    return env


def database_url(service: Service, credentials: Credentials, postgres: Postgres) -> str:
    """Return `postgresql://role:password@/database?host=<socket folder>`."""
    return postgres.dsn(service.database_name, user=service.role, password=credentials.database(service.name))


def of_demo_data(home: Home, addresses: Addresses, credentials: Credentials) -> dict[str, str]:
    """Return the environment of `latchkey demo-data`."""
    return BASE | addresses.peer_urls() | {
        "ORIGIN": addresses.origin,
        "NATS_URL": addresses.nats_url,
        "OPERATOR_SECRET": credentials.internal(OPERATOR),
        "LATCHKEY_HOME": str(home.path),
        "LOCAL_MODE": "true",
    }  # fmt: skip
