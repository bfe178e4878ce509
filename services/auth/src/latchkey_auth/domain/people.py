"""Who signs in, and how names and addresses are spelled."""

import re

import msgspec

from latchkey_kit.marking import N_
from latchkey_look.readable import readable

_TENANT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f-\x9f\ud800-\udfff]+@[^\s@\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the text around them."""
MAX_EMAIL = 254
MAX_TEXT = 200
MIN_PASSWORD = 8
MAX_PASSWORD = 1_000


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is unique and stays; ``title`` is what people read."""

    id: str
    name: str
    title: str


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    email: str
    name: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user with a living session.

    ``session`` is what it is found by, ``login`` what its owner tells it apart by; ``csrf_secret`` is its own.
    ``age``: seconds since they signed in.
    """

    user: User
    tenants: tuple[Tenant, ...]
    session: bytes
    login: str
    csrf_secret: bytes
    age: float
    staff: bool = False


def folded_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()


def unfit_email(email: str) -> str | None:
    """Why an address cannot be a user's; ``None`` if it can."""
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        return "An e-mail address has one @ and no spaces, and at most 254 characters."
    return None


def unfit_tenant_name(name: str) -> str | None:
    if not _TENANT_NAME.fullmatch(name):
        return "A tenant's name is 1 to 63 lower-case letters, digits and inner hyphens."
    return None


def unfit_text(text: str) -> str | None:
    if not readable(text) or len(text) > MAX_TEXT or _UNFIT.search(text) or _TURNING.search(text):
        return N_("Write 1 to 200 characters, without control characters.")
    return None


def unfit_password(password: str) -> str | None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or _UNFIT.search(password):
        return N_("A password has 8 to 1000 characters, without control characters.")
    return None
