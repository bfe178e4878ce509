"""Proof that a form was shown by us to the browser that sends it back."""

import base64
import hashlib
import hmac
import re
from typing import Literal
from urllib.parse import quote, unquote_plus

from latchkey_contracts.ids import Digest
from latchkey_look.readable import printable
from latchkey_oauth.parameters import form_decoded

Form = Literal["sign-in", "sign-out", "tenant", "consent", "console", "invitation", "password", "own-password"]

_QUERY = r"[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]*"
_ROOMS = "apps|profile|audit|roles|members|staff|docs|invitation"
_OUR_PAGE = re.compile(
    rf"/oauth/authorize\?{_QUERY}|/password/change"
    rf"|/(?:(?:{_ROOMS})(?:/[A-Za-z0-9._-]+)*(?:\?{_QUERY})?)?"  # never `//` or `\`
)
_SAME_SITE = frozenset({"same-origin", "none"})
MAX_NEXT = 8_192


def csrf_token(secret: bytes, form: Form, one: str = "") -> str:
    """Token for one kind of form, from the secret of a session or of the sign-in cookie.

    ``one`` is the id of this very form, where what it is answered with counts once.
    """
    digest = hmac.digest(secret, f"latchkey form {form} {one}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def csrf_fits(secret: bytes, form: Form, presented: str | None, one: str = "") -> bool:
    return hmac.compare_digest(csrf_token(secret, form, one).encode(), (presented or "").encode())


def attempt(secret: bytes, form_id: str, path: str) -> Digest:
    """Name the answer to one form of a session, for this authorization request. Nobody else's form leads to it."""
    return Digest(hmac.digest(secret, f"latchkey attempt {form_id} {path}".encode(), hashlib.sha256).hex())


def comes_from_us(*, fetch_site: str | None, origin: str | None, ours: str) -> bool:
    """Whether the headers of a POST allow that one of our own pages sent it.

    ``Sec-Fetch-Site`` decides where the browser sends it. Our pages ask for no referrer, so browsers call their own
    origin ``null``; that and a missing header say nothing, and the form's token decides alone.
    """
    if fetch_site is not None:
        return fetch_site in _SAME_SITE
    return origin in (None, "null", ours)


def authorize_path(raw_query: str) -> str:
    """Path and query of the authorization request under way, fit for an attribute and a header."""
    return f"/oauth/authorize?{printable(raw_query)}"


def with_tenant(path: str, name: str) -> str:
    """The same authorization request, for one tenant."""
    address, _, query = path.partition("?")
    kept = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) != "tenant"]
    return f"{address}?{'&'.join([*kept, f'tenant={name}'])}"


def signed_in_path(path: str) -> str:
    """The same authorization request for who has just signed in: it asks for that no more, so nobody goes in circles.

    Nothing is lost by it that could be held: whoever is at the browser may begin a request without it as well.
    """
    address, _, query = path.partition("?")
    return f"{address}?{'&'.join(left for part in query.split('&') if (left := _fulfilled(part)))}"


def safe_next(path: str | None) -> str | None:
    """Where to go after signing in or out: an authorization request or a page on this very origin, or nowhere."""
    if path is None or len(path) > MAX_NEXT or not _OUR_PAGE.fullmatch(path):
        return None
    return path


def _fulfilled(part: str) -> str:
    """A parameter without what a sign-in fulfils: ``max_age``, and ``login`` of ``prompt``."""
    name, _, value = part.partition("=")
    called = form_decoded(name.encode())
    if called == "max_age":
        return ""
    if called != "prompt":
        return part
    words = [quote(word, safe="") for word in (form_decoded(value.encode()) or "").split() if word != "login"]
    return f"{name}={'+'.join(words)}" if words else ""
