"""The gateway of the stack: Traefik with the routes of deploy/gateway and our addresses."""

from string import Template

from latchkey_embedded import Traefik
from latchkey_local.addresses import LOOPBACK, Addresses, has_ipv6
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.services import SERVICES

FOLDER = CHECKOUT / "deploy" / "gateway"


def server(home: Home, addresses: Addresses) -> Traefik:
    """Return the gateway, not started yet."""
    urls = {service.name.replace("-", "_"): addresses.public_url(service) for service in SERVICES}
    ping = addresses.ports["gateway-ping"]
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
