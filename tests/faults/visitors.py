"""A person before a browser who is told of every failure, where others would patiently reload."""

import dataclasses
from urllib.parse import urljoin

import aiohttp
from apps import REDIRECT
from door import Door, Outcome, Reply, read
from people import Answer, Page, Person


class _FailedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def _is_ours(response: aiohttp.ClientResponse) -> bool:
    return response.content_type == "text/html"


class Visitor(Person):
    """`tenants` is how many the person belongs to: each hears of a sign-in."""

    def __init__(self, door: Door, email: str, known: dict) -> None:
        super().__init__(door, email, known["password"])
        self._door = door
        self._request_id = ""
        self.tenants = len(known["roles"])

    async def request(self, method: str, url: str, **more) -> Page | Answer:
        headers = {"X-Request-Id": self._request_id}
        while True:
            async with self._session.request(method, url, allow_redirects=False, headers=headers, **more) as response:
                text = await response.text()
                if response.status != 303:
                    if response.status >= 400:
                        reply = await read(response)
                        raise _FailedError(dataclasses.replace(reply, body=text) if _is_ours(response) else reply)
                    return Page(url, response.status, text, response.headers)
            url, method, more = urljoin(url, response.headers["Location"]), "GET", {}
            if url.startswith(REDIRECT):
                return self._answer(url)
            if url == f"{self._door.origin}/":
                return Page(url, 200, "", response.headers)  # signed in: what the console shows is not asked here

    async def sign_in(self) -> bool:
        """Sign in afresh."""
        self._session.cookie_jar.clear()
        outcome = await self._door.attempt(
            "sign_in", self._at(f"{self._door.origin}/login", to_see=True), tells="user.signed_in", times=self.tenants
        )
        return outcome.done

    async def look(self, path: str) -> Outcome:
        """Open a page of the console, signing in where that is asked for."""
        return await self._door.attempt("page", self._at(f"{self._door.origin}{path}", to_see=True))

    async def consent(self, url: str) -> str | None:
        """Say yes to an app; the code, if all went well."""
        outcome = await self._door.attempt("consent", self._at(url), tells="consent.granted")
        return outcome.reply.result["code"] if outcome.done else None

    def _at(self, url: str, *, to_see: bool = False):
        """Go there, to be sent on to an app with an answer for it, or ``to_see`` a page."""

        async def do(request_id: str) -> Reply:
            self._request_id = request_id
            try:
                shown = await self.authorize(url)
            except _FailedError as failed:
                return failed.reply
            if isinstance(shown, Page):
                done = to_see and shown.form("password") is None
                return Reply(200 if done else 400, body=shown.words, result=shown)
            return Reply(200 if "code" in shown else 400, body={}, result=shown)

        return do
