"""A small browser of the pages of auth: it keeps cookies, and follows and runs nothing."""

import html.parser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from yarl import URL

PASSWORD = "latchkey"


class _Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.elements.append((tag, values, []))
        if tag not in ("input", "meta", "br", "link", "img"):
            self.open.append(len(self.elements) - 1)
        if tag == "form":
            empty: dict[str, Any] = {"fields": {}, "buttons": [], "boxes": []}
            self.forms.append({"method": values["method"], "action": values["action"], **empty})
        if tag == "input" and self.forms and values.get("type") == "checkbox":
            self.forms[-1]["boxes"] += [(values["name"], values["value"])] if "checked" in values else []
        elif tag == "input" and self.forms:
            self.forms[-1]["fields"][values["name"]] = values.get("value") or ""
        if tag == "button" and "name" in values:
            self.forms[-1]["buttons"].append((values["name"], values["value"]))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.elements[self.open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for index in self.open:
            self.elements[index][2].append(data)


class Page:
    """An answer as a browser sees it."""

    def __init__(self, status: int, headers: Any, text: str) -> None:
        self.status = status
        self.headers = headers
        self.text = text
        reader = _Reader()
        reader.feed(text)
        self.forms = reader.forms
        self.tags = [tag for tag, _, _ in reader.elements]
        self._elements = reader.elements

    @property
    def location(self) -> str:
        return str(self.headers["Location"])

    @property
    def answer(self) -> dict[str, str]:
        """Parameters of the authorization response."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}

    def texts(self, tag: str) -> list[str]:
        return ["".join(parts).strip() for name, _, parts in self._elements if name == tag]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [values for name, values, _ in self._elements if name == tag]

    def form(self, action: str) -> dict[str, Any]:
        return next(form for form in self.forms if form["action"].startswith(action))


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self._url = url

    async def get(self, path: str, **options: Any) -> Page:
        return await self.send("GET", path, **options)

    async def post(self, path: str, fields: Any, **options: Any) -> Page:
        return await self.send("POST", path, data=fields, **options)

    async def send(self, method: str, path: str, **options: Any) -> Page:
        url = URL(self._url + path, encoded=True)
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            return Page(response.status, response.headers, await response.text())

    async def submit(self, page: Page, action: str, *, boxes: Any = None, **fields: str) -> Page:
        """Send a form of a page with what its person filled in or pressed; ``boxes`` are those left checked."""
        form = page.form(action)
        checked = form["boxes"] if boxes is None else [("allow", word) for word in boxes]
        return await self.post(form["action"], [*{**form["fields"], **fields}.items(), *checked])

    async def sign_in(self, email: str, password: str = PASSWORD, at: str = "/login") -> Page:
        return await self.submit(await self.get(at), "/login", email=email, password=password)

    def cookies(self) -> dict[str, Any]:
        return {cookie.key: cookie for cookie in self.session.cookie_jar}
