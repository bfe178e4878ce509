"""Where an authorization leads, as a page tells it."""

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from latchkey_oauth.redirect_uri import host_for_people

_THIS_COMPUTER = host_for_people("http://localhost")


class Destination(msgspec.Struct, frozen=True):
    """``name`` is the host of a site, or the scheme of an app; a program on this computer has none.

    ``home`` is a site's first page.
    """

    kind: Literal["site", "app", "this_computer"]
    name: str = ""
    home: str = ""


def destination(redirect_uri: str) -> Destination:
    """Of a redirect URI that was proven."""
    scheme = redirect_uri.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return Destination("app", scheme)
    host = host_for_people(redirect_uri)
    if host == _THIS_COMPUTER:
        return Destination("this_computer")
    return Destination("site", host, f"{scheme}://{urlsplit(redirect_uri).netloc}/")
