"""Cookies of our pages: what they are called, and how they are set."""

from urllib.parse import urlsplit

from aiohttp import web


class Cookies:
    """Names and properties of our cookies, by the origin of the pages.

    On https the ``__Host-`` prefix keeps other hosts of the domain from planting one. On http, which is one machine,
    the port is part of the name: cookies do not know ports, and stacks stand side by side.
    """

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self._secure = parts.scheme == "https"
        pattern = "__Host-latchkey_{}" if self._secure else f"latchkey_{{}}_{parts.port or 80}"
        self.session = pattern.format("session")
        self.sign_in = pattern.format("sign_in")
        self.workspace = pattern.format("workspace")

    def put(self, response: web.Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", httponly=True, samesite="Lax", secure=self._secure)

    def drop(self, response: web.Response, name: str) -> None:
        response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=self._secure)
