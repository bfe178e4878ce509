"""A person before a browser: fills in the forms that they are shown, and remembers the cookies."""

import asyncio
import html
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp


class Page(HTMLParser):
    """What is on the screen. ``words`` are the texts of elements, each unbroken; ``fields`` those of the last form."""

    def __init__(self, url: str, status: int, text: str, headers) -> None:
        super().__init__()
        self.url, self.status, self.headers = url, status, headers
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[dict] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": given["action"], "fields": {}, "buttons": [], "checked": []})
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "button" and given.get("name"):
            self.forms[-1]["buttons"].append((given["name"], given["value"]))
        elif tag == "input" and given.get("type") == "checkbox":
            self.forms[-1]["checked"] += [(given["name"], given["value"])] if "checked" in given else []
        elif tag == "input":
            self.forms[-1]["fields"][given["name"]] = given.get("value", "")

    def handle_data(self, data):
        if data.strip():
            self.words.append(" ".join(html.unescape(data).split()))

    def form(self, name: str) -> dict | None:
        """The form that has this field or button."""
        return next((one for one in self.forms if name in one["fields"] or name in dict(one["buttons"])), None)


class Answer(dict):
    """The parameters that the app was sent back with."""


class Person:
    def __init__(self, house, email: str, password: str) -> None:
        self._house = house
        self.credentials = {"email": email, "password": password}
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.seen: list[Page] = []

    async def close(self) -> None:
        await self._session.close()

    @property
    def cookies(self) -> set[str]:
        return {cookie.value for cookie in self._session.cookie_jar}

    @property
    def csrf(self) -> str:
        """Of the form that was shown last."""
        return next(form["fields"]["csrf"] for page in reversed(self.seen) for form in page.forms)

    async def request(self, method: str, url: str, **more) -> Page | Answer:
        """Follow redirects of our own as a browser does; an app's redirect is its answer."""
        while True:
            async with self._session.request(method, url, allow_redirects=False, **more) as response:
                text = await response.text()
                self._house.used |= {cookie.value for cookie in response.cookies.values() if len(cookie.value) > 8}
            if response.status == 503:
                await asyncio.sleep(int(response.headers["Retry-After"]))
                continue
            if "Location" not in response.headers:
                page = Page(url, response.status, text, response.headers)
                self._house.used |= {form["fields"]["csrf"] for form in page.forms if "csrf" in form["fields"]}
                self.seen.append(page)
                return page
            assert response.status == 303
            url, method, more = urljoin(url, response.headers["Location"]), "GET", {}
            if not url.startswith(f"{self._house.origin}/"):
                return self._answer(url)

    def _answer(self, url: str) -> Answer:
        sent = parse_qs(urlsplit(url).query, strict_parsing=True)
        assert all(len(values) == 1 for values in sent.values())
        answer = Answer({name: values[0] for name, values in sent.items()})
        self._house.used |= {answer["code"]} if "code" in answer else set()
        return answer

    async def submit(self, page: Page, form: dict, *, boxes: list | None = None, **fields) -> Page | Answer:
        """Send a form; ``boxes`` in the place of those that are checked."""
        checked = form["checked"] if boxes is None else boxes
        sent = [*(form["fields"] | fields).items(), *checked]
        return await self.request("POST", urljoin(page.url, form["action"]), data=sent)

    async def authorize(
        self, url: str, *, decision: str = "authorize", tenant: str | None = None, leave: tuple[str, ...] = ()
    ) -> Page | Answer:
        """Sign in, pick the tenant, decide; the app's answer, or the first page with nothing to decide.

        What is to ``leave`` out is unchecked.
        """
        shown = await self.request("GET", url)
        while isinstance(shown, Page):
            if form := shown.form("password"):
                assert shown.status == 200, shown.words
                shown = await self.submit(shown, form, **self.credentials)
            elif form := shown.form("decision"):
                if shown.status == 400:
                    break
                boxes = [(name, word) for name, word in form["checked"] if word not in leave]
                shown = await self.submit(shown, form, boxes=boxes, decision=decision)
            elif tenant and (form := shown.form("tenant")):
                shown = await self.submit(shown, form, tenant=tenant)
            else:
                break
        return shown
