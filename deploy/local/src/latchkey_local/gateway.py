"""The gateway of the stack: Traefik with the routes of deploy/gateway and our addresses."""

import json
from string import Template

from latchkey_embedded import Traefik
from latchkey_local.addresses import LOOPBACK, Addresses, has_ipv6
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.services import SERVICES

EDGE = next(service for service in SERVICES if service.name == "edge")
FOLDER = CHECKOUT / "deploy" / "gateway"


def server(home: Home, addresses: Addresses) -> Traefik:
    """Return the gateway, not started yet."""
    ping = addresses.ports["gateway-ping"]
    balanced = {
        service.name.replace("-", "_"): _balancer(addresses.public_urls(service))
        for service in SERVICES
        if service.public
    }
    edges = addresses.public_urls(EDGE)
    # Forward-auth knows one address only: of several edges the gateway itself picks one.
    urls = balanced | {"check": f"{edges[0]}/check" if len(edges) == 1 else f"http://{LOOPBACK}:{ping}/check"}
    values = {
        "web": f"{LOOPBACK}:{addresses.port}",
        # `localhost` is both; where there is no IPv6 the second entry point listens nowhere that matters.
        "web_6": f"[::1]:{addresses.port}" if has_ipv6() else f"{LOOPBACK}:0",
        "ping": f"{LOOPBACK}:{ping}",
        "dynamic_file": "$dynamic_file",
    }
    return Traefik(
        home.gateway,
        static=Template((FOLDER / "static.yml").read_text()).substitute(values),
        dynamic=Template((FOLDER / "dynamic.yml").read_text()).substitute(urls),
        ping_port=ping,
        ports=(addresses.port,),
    )


def _balancer(urls: list[str]) -> str:
    """The load balancer of one service, as YAML; of several instances, one that does not listen is left out soon."""
    looks = {"path": "/nothing/here", "status": 404, "interval": "500ms", "unhealthyInterval": "100ms", "timeout": "2s"}
    alive = {"healthCheck": looks} if len(urls) > 1 else {}
    return json.dumps({"servers": [{"url": url} for url in urls], **alive})
