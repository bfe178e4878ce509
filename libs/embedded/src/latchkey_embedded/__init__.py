"""PostgreSQL, NATS and Traefik from wheels, as supervised child processes."""

from latchkey_embedded.child import Child
from latchkey_embedded.errors import PartError
from latchkey_embedded.nats_server import Nats
from latchkey_embedded.ports import free_port, is_free, keep_port
from latchkey_embedded.postgres import Postgres, remove_left_sockets
from latchkey_embedded.traefik import Traefik

__all__ = [
    "Child", "Nats", "PartError", "Postgres", "Traefik", "free_port", "is_free", "keep_port", "remove_left_sockets",
]  # fmt: skip
