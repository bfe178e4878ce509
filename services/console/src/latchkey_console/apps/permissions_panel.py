"""The panel "Permissions" of an app: what it may do at most, and what people see of that at consent."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from latchkey_console.apps.differences import Difference, beyond, difference, unseen
from latchkey_console.apps.matrix import Models, ShownModel
from latchkey_console.apps.views import App
from latchkey_console.desk import Desk
from latchkey_contracts.requests.console import LinesAnswer, LinesOf
from latchkey_contracts.requests.permissions import CATALOGUE_PATH, PlainPermissions
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import FieldError, Problem
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.words import Line


class _CatalogueAnswer(msgspec.Struct, frozen=True):
    models: tuple[ShownModel, ...]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections of an app live, and of how many users."""

    living: int
    users: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What saving would lead to.

    ``told`` is what consent says, ``None`` while nobody can tell. ``count``: ``None`` for who may not see connections.
    ``beyond``: what the admin's own role lacks. ``unseen``: view that is missing for what else is ticked.
    """

    empty: bool
    told: LinesAnswer | None
    difference: Difference
    count: Count | None
    beyond: tuple[Line, ...]
    unseen: tuple[Line, ...]
    dynamic: bool


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """All that ``apps/permissions.html`` shows, as ``permissions``. ``errors``: words by model."""

    client: str
    models: Models
    chosen: PlainPermissions
    errors: Mapping[str, str]
    preview: Preview


async def models_of(desk: Desk) -> Models:
    """Ask for the data models that there are; raises as `Desk.send`."""
    answer = await desk.send("permissions", "GET", CATALOGUE_PATH)
    return Models(msgspec.convert(answer, _CatalogueAnswer).models)


async def panel(
    desk: Desk,
    app: App,
    *,
    chosen: PlainPermissions | None = None,
    models: Models | None = None,
    errors: Sequence[FieldError] = (),
) -> Panel:
    """Give the panel of an app. ``chosen`` is what a form said that was not saved, ``errors`` why not."""
    known = models or await models_of(desk)
    wanted = (app.permissions or {}) if chosen is None else chosen
    return Panel(
        client=app.id,
        models=known,
        chosen=wanted,
        errors=by_model(errors),
        preview=await preview(desk, app, wanted, known),
    )


async def preview(desk: Desk, app: App, wanted: PlainPermissions, models: Models) -> Preview:
    """Give what saving ``wanted`` would lead to."""
    told, count = await asyncio.gather(_told(desk, wanted), _count(desk, app.id))
    own = PermissionSet.decode(bytes(desk.rights.permissions)) if desk.rights else PermissionSet()
    return Preview(
        empty=models.today(wanted).is_empty,
        told=told,
        difference=difference(app.permissions or {}, wanted, models),
        count=count,
        beyond=beyond(wanted, own, models),
        unseen=unseen(wanted, models),
        dynamic=app.dynamic,
    )


def by_model(errors: Sequence[FieldError]) -> dict[str, str]:
    """Give the words for each row of the matrix: those of pointers such as ``/permissions/company/update``."""
    found: dict[str, list[str]] = {}
    for error in errors:
        _, member, model, *_ = [*error.pointer.split("/"), "", ""]
        if member == "permissions" and model:
            found.setdefault(model, []).append(error.message)
    return {model: " ".join(messages) for model, messages in found.items()}


async def _told(desk: Desk, permissions: PlainPermissions) -> LinesAnswer | None:
    try:
        return await desk.ask("permissions", LinesOf(permissions=permissions))
    except (PeerRefused, PeerUnavailable):
        return None


async def _count(desk: Desk, client: str) -> Count | None:
    if not desk.may("connection", "view"):
        return None
    try:
        answer = await desk.send("token", "GET", "/v1/connections/count", params={"client": client})
    except (PeerUnavailable, Problem):
        return None  # the words of a preview are right without numbers, too
    return msgspec.convert(answer, Count)
