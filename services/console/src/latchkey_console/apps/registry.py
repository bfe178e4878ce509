"""The App Center's ways to the owners of clients and of their connections."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from latchkey_console.apps.soft import if_there
from latchkey_console.apps.views import App, Use, app_of, use_of
from latchkey_console.desk import Desk
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.console import LabsOf, PeopleNamed
from latchkey_kit.web.problems import not_found

_CLIENTS: Final = "/v1/oauth-clients"
_PAGE: Final = "200"
_PAGES: Final = 10
"""So many pages of the list are read at most: search and filters are over these."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a client. ``None`` where its owner could not be asked, or this person may not know."""

    use: Use | None = None
    secrets_used: Mapping[str, dt.datetime] | None = None
    updated_by: str | None = None
    """Name of who changed it last."""


async def all_apps(desk: Desk) -> tuple[list[App], bool]:
    """The workspace's clients, oldest first, and whether there are more than these."""
    found: list[App] = []
    cursor = None
    for _ in range(_PAGES):
        params = {"limit": _PAGE} if cursor is None else {"limit": _PAGE, "cursor": cursor}
        answer = await desk.send("client-registry", "GET", _CLIENTS, params=params)
        found += map(app_of, answer["data"])
        cursor = answer["next_cursor"]
        if cursor is None:
            return found, False
    return found, True


async def labs_are_on(desk: Desk) -> bool:
    """Whether clients may be made in this workspace; taken for granted while nobody can tell, for making one asks."""
    answer = await if_there(desk.ask("client-registry", LabsOf(tenant=desk.workspace.id)))
    return answer is None or answer.on


async def one_app(desk: Desk) -> App:
    """The client that the address names; 404 for one that there is not."""
    return app_of(await desk.send("client-registry", "GET", path_of(desk)))


async def send(
    desk: Desk, method: str, below: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Any:
    """Change the client that the address names; ``below`` is the rest of the path at the registry."""
    return await desk.send("client-registry", method, path_of(desk) + below, body, headers=headers)


async def create(desk: Desk, body: Mapping[str, object]) -> App:
    return app_of(await desk.send("client-registry", "POST", _CLIENTS, body))


async def around(desk: Desk, app: App) -> Around:
    """Ask the others at once: nothing of it keeps the page from being shown."""
    use, used, name = await asyncio.gather(
        if_there(use_now(desk, app.id)), if_there(_secrets_used(desk, app)), if_there(who(desk, app.updated_by))
    )
    return Around(use=use, secrets_used=used, updated_by=name)


async def use_now(desk: Desk, client: str) -> Use:
    return use_of(await desk.send("token", "GET", "/v1/connections/count", params={"client": client}))


async def in_use(desk: Desk, apps: Sequence[App]) -> Mapping[str, Use] | None:
    """How much each of these is used, by id, with one request; ``None`` where this person may not know."""
    if not apps or not desk.may("connection", "view"):
        return None
    params = {"clients": ",".join(app.id for app in apps)}
    told = await desk.send("token", "GET", "/v1/connections/summary", params=params)
    return {one["id"]: use_of(one) for one in told["data"]}


async def who(desk: Desk, user: str | None) -> str | None:
    """The name of a member; ``None`` for nobody, and for whoever never was one."""
    if user is None:
        return None
    known = await desk.ask("auth", PeopleNamed(tenant=desk.workspace.id, users=(user,)))
    return known.people[user].name if user in known.people else None


async def _secrets_used(desk: Desk, app: App) -> Mapping[str, dt.datetime] | None:
    if not app.secrets:
        return {}
    told = await desk.send("token", "GET", "/v1/connections/secrets-used", params={"client": app.id})
    return msgspec.convert(told["secrets"], dict[str, dt.datetime])


def path_of(desk: Desk) -> str:
    client = desk.request.match_info["client"]
    if not is_id(client):
        raise not_found("There is no such app in this workspace.")
    return f"{_CLIENTS}/{client}"
