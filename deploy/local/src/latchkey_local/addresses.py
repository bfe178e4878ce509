"""Where everything listens: the origin as asked for, all other ports free ones that stay between runs."""

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from latchkey_embedded import is_free
from latchkey_local.errors import StackError
from latchkey_local.files import read_json
from latchkey_local.home import Home
from latchkey_local.services import PEERS, SERVICES, Service

DEFAULT_PORT = 8080
HIGHEST_PORT = 65535
LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
# Below the range from which kernels take ports for outgoing connections, so nobody takes one while a part restarts.
FIRST, LAST, STEP = 20_000, 32_000, 20
_Port = Annotated[int, msgspec.Meta(ge=1, le=HIGHEST_PORT)]


@dataclass(frozen=True)
class Addresses:
    """`ports` holds `nats`, `nats-monitor`, `gateway-ping`, and for each service `<name>` and `<name>-internal`."""

    port: int
    ports: dict[str, int]

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def nats_url(self) -> str:
        return f"nats://{LOOPBACK}:{self.ports['nats']}"

    def public_url(self, service: Service) -> str:
        """Return where the gateway finds it."""
        return f"http://{LOOPBACK}:{self.ports[service.name]}"

    def peer_urls(self) -> dict[str, str]:
        """Return `<NAME>_URL` → internal base URL of every service that others ask."""
        return {
            f"{service.variable}_URL": f"http://{LOOPBACK}:{self.ports[f'{service.name}-internal']}"
            for service in SERVICES
            if service.name in PEERS
        }


def origin_port(environ: Mapping[str, str]) -> int:
    """Return `LATCHKEY_PORT`, or 8080."""
    text = environ.get("LATCHKEY_PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise StackError(f"LATCHKEY_PORT is '{text}', and a port is a number from 1 to {HIGHEST_PORT}.")
    return int(text)


def check_origin_port(port: int) -> None:
    """Raise StackError when somebody else listens on the origin's port."""
    hosts = [LOOPBACK, LOOPBACK_6] if has_ipv6() else [LOOPBACK]
    if not all(is_free(port, host) for host in hosts):
        raise StackError(
            f"Port {port} is in use by another program (or needs more rights). "
            f"Stop that program, or choose another port: LATCHKEY_PORT={port + 1} make up"
        )


def has_ipv6() -> bool:
    """Say whether `localhost` may be [::1] here."""
    return is_free(0, LOOPBACK_6)


def choose(home: Home, port: int) -> Addresses:
    """Keep the ports of the last run where they are still free, and find others for the rest."""
    last = _ports_of_last_run(home)
    taken = {port}
    ports: dict[str, int] = {}
    # Each folder starts somewhere else, so stacks side by side seldom look at the same ports.
    start = FIRST + zlib.crc32(bytes(home.path)) % ((LAST - FIRST) // STEP) * STEP
    candidates = itertools.chain(range(start, LAST), range(FIRST, start))
    for name in _names():
        kept = last.get(name, 0)
        wanted = itertools.chain([kept] if kept else [], candidates)
        found = next((number for number in wanted if number not in taken and is_free(number)), None)
        if found is None:
            raise StackError(f"No free port is left on {LOOPBACK} between {FIRST} and {LAST}.")
        ports[name] = found
        taken.add(found)
    return Addresses(port, ports)


def _ports_of_last_run(home: Home) -> dict[str, int]:
    try:
        return msgspec.convert(read_json(home.stack).get("ports", {}), dict[str, _Port])
    except msgspec.ValidationError:
        return {}  # then all are looked for anew


def _names() -> list[str]:
    services = [name for service in SERVICES for name in (service.name, f"{service.name}-internal")]
    return ["nats", "nats-monitor", "gateway-ping", *services]
