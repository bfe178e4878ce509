"""Where everything listens: the origin as asked for, all other ports free ones that stay between runs."""

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from latchkey_embedded import is_free, keep_port
from latchkey_local.errors import StackError
from latchkey_local.files import read_json
from latchkey_local.home import Home
from latchkey_local.services import PEERS, Instance, Service, variable

DEFAULT_PORT = 8080
HIGHEST_PORT = 65535
LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
# Below the range from which kernels take ports for outgoing connections, so nobody takes one while a part restarts.
FIRST, LAST, STEP = 20_000, 32_000, 20
_Port = Annotated[int, msgspec.Meta(ge=1, le=HIGHEST_PORT)]


@dataclass(frozen=True)
class Addresses:
    """Where parts and processes are.

    `ports` holds `nats`, `streams` (both with `-monitor`), `gateway-ping`; for each process `<name>`, and that with
    `-internal` and `-admin`.
    """

    port: int
    ports: dict[str, int]
    instances: tuple[Instance, ...]
    own_nats_url: str = ""
    """Of a NATS that is not ours to start."""

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def nats_url(self) -> str:
        return self.own_nats_url or f"nats://{LOOPBACK}:{self.ports['nats']}"

    @property
    def streams_url(self) -> str:
        """Where consumers of customers connect."""
        return f"nats://{LOOPBACK}:{self.ports['streams']}"

    def public_urls(self, service: Service) -> list[str]:
        """Return where the gateway finds its instances."""
        return [f"http://{LOOPBACK}:{self.ports[name]}" for name in self._names_of(service.name)]

    def peer_urls(self) -> dict[str, str]:
        """Return `<NAME>_URL` → internal addresses, separated by commas, of every service that others ask."""
        urls = {f"{variable(name)}_URL": self._urls(name, "internal") for name in PEERS}
        return urls | {"HEADS_URLS": urls.pop("HEADS_URL")}

    def admin_urls(self) -> dict[str, str]:
        """Return `<NAME>_ADMIN_URL` → admin addresses, separated by commas, of every service."""
        names = dict.fromkeys(one.service.name for one in self.instances)
        return {f"{variable(name)}_ADMIN_URL": self._urls(name, "admin") for name in names}

    def _urls(self, service: str, kind: str) -> str:
        return ",".join(f"http://{LOOPBACK}:{self.ports[f'{name}-{kind}']}" for name in self._names_of(service))

    def _names_of(self, service: str) -> list[str]:
        return [one.name for one in self.instances if one.service.name == service]


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


def choose(home: Home, port: int, instances: tuple[Instance, ...], own_nats_url: str = "") -> Addresses:
    """Keep the ports of the last run where they are still free, and find others for the rest.

    They are this process's own from now on: a stack that starts beside this one does not choose them.
    """
    last = _ports_of_last_run(home)
    taken = {port}
    ports: dict[str, int] = {}
    # Each folder starts somewhere else, so stacks side by side seldom look at the same ports.
    start = FIRST + zlib.crc32(bytes(home.path)) % ((LAST - FIRST) // STEP) * STEP
    candidates = itertools.chain(range(start, LAST), range(FIRST, start))
    for name in _names(instances):
        kept = last.get(name, 0)
        wanted = itertools.chain([kept] if kept else [], candidates)
        found = next((number for number in wanted if number not in taken and keep_port(number)), None)
        if found is None:
            raise StackError(f"No free port is left on {LOOPBACK} between {FIRST} and {LAST}.")
        ports[name] = found
        taken.add(found)
    return Addresses(port, ports, instances, own_nats_url)


def _ports_of_last_run(home: Home) -> dict[str, int]:
    try:
        return msgspec.convert(read_json(home.stack).get("ports", {}), dict[str, _Port])
    except msgspec.ValidationError:
        return {}  # then all are looked for anew


def _names(instances: tuple[Instance, ...]) -> list[str]:
    kinds = ("", "-internal", "-admin")
    parts = ("nats", "nats-monitor", "streams", "streams-monitor", "gateway-ping")
    return [*parts, *(f"{one.name}{kind}" for one in instances for kind in kinds)]
