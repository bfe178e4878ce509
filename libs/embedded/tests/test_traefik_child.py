"""Traefik starts with the files it is given, and says why it cannot start."""

import socket

import pytest

from latchkey_embedded import PartError, Traefik, free_port
from latchkey_embedded.probe import http_status

STATIC = """
entryPoints:
  web: {address: "127.0.0.1:%d"}
  ping: {address: "127.0.0.1:%d"}
ping: {manualRouting: true}
providers: {file: {filename: "$dynamic_file"}}
global: {checkNewVersion: false, sendAnonymousUsage: false}
"""
DYNAMIC = """
http:
  routers:
    ping: {rule: "Path(`/ping`)", entryPoints: [ping], service: ping@internal}
    away: {rule: "Path(`/away`)", service: noop@internal, middlewares: [away]}
  middlewares:
    away: {redirectRegex: {regex: ".*", replacement: "http://localhost/here"}}
"""


async def test_it_serves_the_routes_it_is_given(tmp_path):
    port, ping = free_port(), free_port()
    async with Traefik(tmp_path, STATIC % (port, ping), DYNAMIC, ping, (port,)):
        assert await http_status(port, "/away") == 302
        assert await http_status(port, "/elsewhere") == 404
    assert await http_status(port, "/away") is None


async def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PartError, match=f"port {port} is in use"):
            await Traefik(tmp_path, STATIC, DYNAMIC, free_port(), (port,)).start()


async def test_a_configuration_that_it_refuses_is_told_with_its_own_words(tmp_path):
    with pytest.raises(PartError, match=r"stopped at once: .*no valid configuration"):
        await Traefik(tmp_path, "noSuchThing: 1", DYNAMIC, free_port()).start()
