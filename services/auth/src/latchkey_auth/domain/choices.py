"""What a user may leave out on the consent page, and what they left of it."""

from collections.abc import Collection, Iterable

import msgspec

from latchkey_contracts.requests.clients import Client
from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_oauth import parameters
from latchkey_oauth.errors import invalid_request
from latchkey_oauth.parameters import Parameters

_ALLOW = b"allow="


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the authorization endpoint. ``allowed``: the boxes that were left checked, as ``model:action``."""

    fields: Parameters
    allowed: tuple[str, ...] = ()


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to leave out. ``label`` and ``about`` together name it: ``Update`` and ``Company``."""

    word: str
    label: str
    about: str
    checked: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an app asks for, with its boxes: none where the user takes all or nothing."""

    says: ConsentLine
    boxes: tuple[Box, ...] = ()


def user_chooses(client: Client) -> bool:
    return client.dynamic or client.narrowing


def read_decision(body: bytes) -> Decision:
    """Decode a form in which ``allow`` may stand as often as there are boxes; ``OAuthError`` for a malformed one."""
    if len(body) > parameters.MAX_BYTES:
        raise invalid_request("The form is too large.")
    parts = body.split(b"&")
    fields = parameters.decode(b"&".join(part for part in parts if not part.startswith(_ALLOW)))
    boxes = [parameters.form_decoded(part.removeprefix(_ALLOW)) for part in parts if part.startswith(_ALLOW)]
    if None in boxes:
        raise invalid_request("The form is not valid form-encoded UTF-8.")
    return Decision(fields=fields, allowed=tuple(dict.fromkeys(word for word in boxes if word)))


def lines_to_show(lines: Iterable[ConsentLine], allowed: Collection[str] | None, *, choosing: bool) -> list[Line]:
    """Put what changes, removes or exports first. ``allowed``: what the user left before, ``None`` for all."""
    return [
        Line(says=line, boxes=_boxes(line, allowed) if choosing else ())
        for line in sorted(lines, key=lambda line: not line.strong)
    ]


def _boxes(line: ConsentLine, allowed: Collection[str] | None) -> tuple[Box, ...]:
    return tuple(
        Box(
            word=word,
            label=word.rpartition(":")[2].capitalize(),
            about=line.title,
            checked=allowed is None or word in allowed,
        )
        for word in line.words
    )
