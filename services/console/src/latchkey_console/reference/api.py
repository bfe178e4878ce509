"""`/docs/api`: the API reference, from the same document that programs read."""

import functools
import json
from importlib.resources import files
from typing import Any

import msgspec
from aiohttp import web

from latchkey_console.parts import Parts
from latchkey_console.reference import postman
from latchkey_console.reference.schemas import Row, example, rows
from latchkey_kit.web.problems import not_found

_FOLDER = files("latchkey_console") / "reference"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One operation as the page shows it. ``curl`` is a command to copy."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    answer: tuple[Row, ...]
    status: str
    curl: str


class Reference:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._document = json.loads(_text("openapi.json"))

    async def show(self, request: web.Request) -> web.Response:
        """One page for each part of the API; the first of them at ``/docs/api``."""
        tags = [one["name"] for one in self._document["tags"]]
        tag = request.match_info.get("tag") or tags[0]
        if tag not in tags:
            raise not_found("This address has no page.")
        desk = await self._parts.desks.visitor(request)
        values = {"tags": tags, "tag": tag, "operations": self._operations(tag), "origin": self._parts.origin}
        return self._parts.pages.page("api.html", desk, values)

    async def openapi(self, _request: web.Request) -> web.Response:
        return _json(json.dumps(self._document | {"servers": [{"url": self._parts.origin}]}))

    async def asyncapi(self, _request: web.Request) -> web.Response:
        return _json(_text("asyncapi.json"))

    async def postman(self, _request: web.Request) -> web.Response:
        headers = {"Content-Disposition": 'attachment; filename="latchkey.postman.json"'}
        return _json(json.dumps(postman.collection(self._document, self._parts.origin)), headers)

    def _operations(self, tag: str) -> list[Shown]:
        return [
            self._shown(method.upper(), path, one)
            for path, methods in self._document["paths"].items()
            for method, one in methods.items()
            if tag in one["tags"]
        ]

    def _shown(self, method: str, path: str, one: dict[str, Any]) -> Shown:
        status = next(iter(one["responses"]))
        body, answer = _schema(one.get("requestBody")), _schema(one["responses"][status])
        return Shown(
            id=one["operationId"],
            method=method,
            path=path,
            summary=one["summary"],
            description=one.get("description", ""),
            parameters=tuple(
                Row(name=each["name"], kind=each["in"], required=each["required"], about="")
                for each in one["parameters"]
            ),
            body=rows(body, self._document) if body else (),
            answer=rows(answer, self._document) if answer else (),
            status=status,
            curl=self._curl(method, path, body),
        )

    def _curl(self, method: str, path: str, body: dict[str, Any] | None) -> str:
        told = f"curl{'' if method == 'GET' else f' -X {method}'} {self._parts.origin}{path}"
        told += ' \\\n  -H "Authorization: Bearer ACCESS_TOKEN"'
        if body is not None:
            sent = json.dumps(example(body, self._document), ensure_ascii=False).replace("'", "'\\''")
            told += f" \\\n  -H 'Content-Type: application/json' \\\n  -d '{sent}'"
        return told


def _schema(of: dict[str, Any] | None) -> dict[str, Any] | None:
    content = (of or {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


@functools.cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _json(text: str, headers: dict[str, str] | None = None) -> web.Response:
    usual = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=text, content_type="application/json", headers=usual | (headers or {}))
