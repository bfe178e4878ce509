"""A person with a browser, without the browser: fills in forms and follows where they lead."""

from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import aiohttp
import msgspec

from latchkey_cli.demo.story import require
from latchkey_cli.terminal import one_line

_MOST_HOPS = 10


class Form(msgspec.Struct):
    """``buttons``: the names and values that submitting can add. ``checked``: boxes and dots that are sent along."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: list[tuple[str, str]]
    checked: list[tuple[str, str]]

    def filled_in(self, **more: str) -> list[tuple[str, str]]:
        """What a browser sends, as it is or with other values."""
        return [*(self.fields | more).items(), *self.checked]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.heading = ""
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_heading = self._in_heading or tag == "h1"
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower(), {}, [], []))
        elif self.forms and values.get("name") and "disabled" not in values and tag in ("input", "button"):
            self._control(tag, values)

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = self._in_heading and tag != "h1"

    def handle_data(self, data: str) -> None:
        self.heading += data if self._in_heading else ""

    def _control(self, tag: str, values: dict[str, str]) -> None:
        form = self.forms[-1]
        if tag == "button" or values.get("type") == "submit":
            form.buttons.append((values["name"], values.get("value", "")))
        elif values.get("type") in ("radio", "checkbox"):
            form.checked += [(values["name"], values.get("value", "on"))] if "checked" in values else []
        else:
            form.fields[values["name"]] = values.get("value", "")


class Browser:
    """One person's cookies."""

    def __init__(self, email: str, password: str) -> None:
        self._person = {"email": email, "password": password}
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def authorize(self, url: str) -> str:
        """Sign in if asked to, choose Authorize, and return the address that the app is sent back to."""
        method, fields = "get", list[tuple[str, str]]()
        for _ in range(_MOST_HOPS):
            async with self._session.request(method, url, data=fields or None, allow_redirects=False) as response:
                page = await response.text()
                status, location = response.status, response.headers.get("Location")
            if location is not None:
                url, method, fields = urljoin(url, location), "get", []
                if _leaves(url):
                    return url
                continue
            require(status == 200, f"a page answered {status} where a form was expected{_heading(page)}")
            url, method, fields = self._fill_in(url, page)
        require(holds=False, what="sign-in and consent did not come to an end")
        return ""

    def _fill_in(self, url: str, page: str) -> tuple[str, str, list[tuple[str, str]]]:
        reader = _Reader()
        reader.feed(page)
        for form in reader.forms:
            target = urljoin(url, form.action) if form.action else url
            if "password" in form.fields:
                return target, form.method, form.filled_in(**self._person)
            if ("decision", "authorize") in form.buttons:
                return target, form.method, form.filled_in(decision="authorize")
        require(holds=False, what="a page has neither a sign-in nor a consent form")
        return "", "", []


def _heading(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    return f": {one_line(reader.heading.strip())}" if reader.heading.strip() else ""


def _leaves(url: str) -> bool:
    """The demo's apps listen nowhere: their redirect URL is on a loopback path of its own."""
    return "/callback?" in url
