"""What a user may leave out on the consent page, and what they left of it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import msgspec

from latchkey_contracts.requests.clients import Client
from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_oauth import parameters
from latchkey_oauth.errors import invalid_request
from latchkey_oauth.parameters import Parameters

_ALLOW = b"allow="
Preset = Literal["read", "all"]
"""A choice at once: only what looks, or all that was asked for."""
Left = Collection[str] | Preset | None
"""What a user left: words, by a preset, or ``None`` when they have not chosen yet, which is all."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the authorization endpoint. ``allowed``: the boxes that were left checked, as ``model:action``."""

    fields: Parameters
    allowed: tuple[str, ...] = ()

    @property
    def form_id(self) -> str:
        """Which form it is, empty for one that does not say."""
        return self.fields.get("form") or ""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to leave out. ``action`` and ``about`` together name it: ``update`` and ``Company``."""

    word: str
    action: str
    about: str
    checked: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an app asks for, with its boxes: none where the user takes all or nothing.

    ``number`` is its place on the page; ``actions`` are what it stands for, such as ``view``.
    """

    number: int
    says: ConsentLine
    actions: tuple[str, ...] = ()
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


def preset_of(fields: Parameters) -> Preset | None:
    """Which preset the user pressed."""
    match fields.get("preset"):
        case "read" | "all" as pressed:
            return pressed
        case _:
            return None


def presets_help(lines: Iterable[ConsentLine]) -> bool:
    """Whether there is something to look at and something to change, so that a preset makes a difference."""
    actions = {_action(word) == "view" for line in lines for word in line.words}
    return actions == {True, False}


def lines_to_show(lines: Iterable[ConsentLine], left: Left, *, choosing: bool) -> list[Line]:
    """Put first what is new where something stands already, then what changes, removes or exports."""
    ordered = sorted(lines, key=lambda line: (not line.new, not line.strong))
    return [
        Line(
            number=number,
            says=line,
            actions=tuple(map(_action, line.words)),
            boxes=_boxes(line, left) if choosing else (),
        )
        for number, line in enumerate(ordered, 1)
    ]


def how_many(lines: Sequence[Line]) -> tuple[int, int]:
    """How many boxes are checked, and how many there are."""
    boxes = [box for line in lines for box in line.boxes]
    return sum(box.checked for box in boxes), len(boxes)


def _boxes(line: ConsentLine, left: Left) -> tuple[Box, ...]:
    return tuple(
        Box(word=word, action=_action(word), about=line.title, checked=_is_left(word, left)) for word in line.words
    )


def _is_left(word: str, left: Left) -> bool:
    if left == "read":
        return _action(word) == "view"
    return left is None or left == "all" or word in left


def _action(word: str) -> str:
    return word.rpartition(":")[2]
