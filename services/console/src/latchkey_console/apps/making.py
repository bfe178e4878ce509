"""`/apps/new`: which kind of app, and the few things that a new one needs."""

from collections.abc import Mapping
from typing import Final, get_args

import msgspec
from aiohttp import web

from latchkey_console.apps import registry, terms
from latchkey_console.apps.client_page import Answer, ClientPage
from latchkey_console.apps.edits import Typed, text, typed_of
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_contracts.requests.clients import Preset
from latchkey_kit.entropy import new_id
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_oauth.redirect_uri import acceptable

_SHOWN = frozenset({400, 409})
_NAMES: Final[Mapping[Preset, str]] = {"custom": "", "claude": "Claude", "chatgpt": "ChatGPT"}
"""What an app is called until somebody finds a better name."""


class Making:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages
        self._client_page = ClientPage(parts)
        self._clock = parts.clock
        self._entropy = parts.entropy

    async def choose(self, desk: Desk) -> web.Response:
        if not await registry.labs_are_on(desk):
            return self._no_labs(desk)
        return self._pages.page("apps/choose.html", desk, {"may_create": desk.may("oauthclient", "create")})

    async def show(self, desk: Desk) -> web.Response:
        if not await registry.labs_are_on(desk):
            return self._no_labs(desk)
        preset = _preset(desk.request.query.get("preset"))
        typed = Typed(
            name=_NAMES[preset], description="", type="confidential", proof="both", redirect_uris=(), narrowing=False
        )
        return self._form(desk, typed, preset, new_id(self._clock, self._entropy))

    async def check(self, desk: Desk) -> web.Response:
        """What is wrong with a redirect URL, while it is typed; empty when nothing is."""
        given = desk.request.query.get("redirect_uris", "").strip()
        reason = acceptable(given) if given else None
        return self._pages.page("apps/reason.html", desk, {"reason": reason})

    async def create(self, desk: Desk) -> web.Response:
        """Make the client, and answer with its page: the secret stands there this once.

        ``once`` makes the same form sent twice one client; the second answer has no secret, and says so.
        """
        form = await desk.form()
        typed, preset, once = typed_of(form), _preset(text(form, "preset")), text(form, "once")[:64]
        if "row" in form:
            return self._form(desk, _without(typed, text(form, "row")), preset, once, rows=1)
        if (wrong := self._problem(desk, typed)) is not None:
            return self._form(desk, typed, preset, once, wrong)
        wanted = {
            "name": typed.name,
            "description": typed.description,
            "type": typed.type,
            "preset": preset,
            "redirect_uris": typed.redirect_uris,
            "once": once,
            **_advanced(typed),
        }
        try:
            app = await registry.create(desk, wanted)
        except Problem as problem:
            if problem.code == "labs_off":
                return self._no_labs(desk)
            if problem.status not in _SHOWN:
                raise
            return self._form(desk, typed, preset, once, problem)
        return await self._client_page.answer(desk, app, Answer(secret=app.client_secret, new=True))

    def _problem(self, desk: Desk, typed: Typed) -> Problem | None:
        """What no owner needs to be asked about."""
        given = typed.terms or terms.usual_terms()
        wrong = terms.problems(given, lambda message: self._pages.words(desk, message), new=True)
        errors = [FieldError(pointer=f"/{name}", message=message) for name, message in wrong.items()]
        return bad_request("A field is not valid.", *errors) if errors else None

    def _no_labs(self, desk: Desk) -> web.Response:
        return self._pages.page("apps/not_here.html", desk, {"labs": False}, 403)

    def _form(
        self, desk: Desk, typed: Typed, preset: Preset, once: str, problem: Problem | None = None, *, rows: int = 0
    ) -> web.Response:
        errors = {one.pointer.removeprefix("/"): one.message for one in problem.errors} if problem else {}
        shown = typed.terms or terms.usual_terms()
        values = {
            "app": None,
            "typed": typed,
            "terms": shown,
            "terms_open": not terms.NAMES.isdisjoint(errors) or bool(terms.wanted_of(shown)),
            "terms_named": terms.NAMES,
            "preset": preset,
            "once": once,
            "problem": problem,
            "errors": errors,
            "rows": rows,
            "may_create": desk.may("oauthclient", "create"),
        }
        return self._pages.page("apps/new.html", desk, values, problem.status if problem else 200)


def _preset(given: str | None) -> Preset:
    return next((preset for preset in get_args(Preset) if preset == given), "custom")


def _advanced(typed: Typed) -> dict[str, object]:
    wanted = terms.wanted_of(typed.terms) if typed.terms else {}
    if typed.type == "public":  # has no tokens of its own, whatever the hidden field says
        wanted.pop("client_credentials", None)
    return wanted


def _without(typed: Typed, asked: str) -> Typed:
    kept = tuple(uri for place, uri in enumerate(typed.redirect_uris) if str(place) != asked)
    return msgspec.structs.replace(typed, redirect_uris=kept)
