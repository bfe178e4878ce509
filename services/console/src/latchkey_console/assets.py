"""Style and script: read once, compressed once, and in a folder named by what all hold: browsers keep them for good.

They share the folder, so modules may import one another by relative names.
"""

import gzip
import hashlib
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import web

from latchkey_kit.web.problems import not_found
from latchkey_look.pages import STYLE

_FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Asset(msgspec.Struct, frozen=True):
    body: bytes
    compressed: bytes
    kind: str


class Assets:
    """All files of ``assets/``; ``look.css`` is that of all our pages and the console's own behind it."""

    def __init__(self) -> None:
        folder = files("latchkey_console") / "assets"
        found = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file() and "." in one.name}
        found["console.css"] = STYLE.encode() + found["console.css"]
        self._known = {name: _asset(name, body) for name, body in sorted(found.items())}
        self._digest = hashlib.sha256(b"".join(one.body for one in self._known.values())).hexdigest()[:16]

    def path(self, name: str) -> str:
        """Where an asset is; changes when one of them does. ``KeyError`` for a name that there is not."""
        if name not in self._known:
            raise KeyError(name)
        return f"/assets/{self._digest}/{name}"

    async def icon(self, _request: web.Request) -> web.Response:
        """What browsers ask for by themselves, on every page."""
        headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self._known["icon.svg"].body, content_type="image/svg+xml", headers=headers)

    async def serve(self, request: web.Request) -> web.Response:
        asset = self._known.get(request.match_info["name"])
        if asset is None or request.match_info["digest"] != self._digest:
            raise not_found("This file is not there any more. Reload the page.")
        headers = {"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=asset.compressed, content_type=asset.kind, charset="utf-8", headers=headers)
        return web.Response(body=asset.body, content_type=asset.kind, charset="utf-8", headers=headers)


def _asset(name: str, body: bytes) -> Asset:
    return Asset(body, gzip.compress(body, 9, mtime=0), _TYPES[name.rpartition(".")[2]])
