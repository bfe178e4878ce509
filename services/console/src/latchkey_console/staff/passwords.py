"""`/staff/password-link`: for people whom no workspace can help, because they belong to several or to staff."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.members import Made
from latchkey_console.people.refusals import beside
from latchkey_kit.web.problems import Problem


class PasswordPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def show(self, desk: Desk) -> web.Response:
        return self._page(desk, "", {})

    async def make(self, desk: Desk) -> web.Response:
        """Answer with the page itself: it shows the link, which nobody can be shown again."""
        email = str((await desk.form()).get("email", "")).strip()
        try:
            answer = await desk.send("auth", "POST", "/v1/users/password-link", {"email": email})
        except Problem as problem:
            # Of an address that nobody has, "There is nothing here" would be a strange thing to say.
            message = problem.detail if problem.status == 404 else " ".join(beside(problem, {}).values())
            return self._page(desk, email, {"email": message}, problem.status)
        made = msgspec.structs.replace(msgspec.convert(answer, Made), email=email)
        return self._page(desk, "", {}, 201, made)

    def _page(
        self, desk: Desk, email: str, errors: Mapping[str, str], status: int = 200, made: Made | None = None
    ) -> web.Response:
        values = {"email": email, "errors": errors, "made": made}
        return self._pages.page("staff/password_link.html", desk, values, status)
