"""`/v1/mcp`: the bearer check in front of the MCP session manager (MCP authorization, RFC 6750, RFC 9728)."""

from urllib.parse import urlsplit

from aiohttp import hdrs, web
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Document, Problem
from latchkey_mcp.bridge import relay
from latchkey_mcp.calls import STATE, Call
from latchkey_oauth.challenge import bearer_token, insufficient_scope, unauthorized
from latchkey_oauth.redirect_uri import LOOPBACK_HOSTS
from latchkey_verify.web import INCLUSIVE, Guard


class Endpoint:
    """Both protocol eras on one path; no sessions, so any instance serves any request."""

    def __init__(self, manager: StreamableHTTPSessionManager, guard: Guard, origin: str, metadata_url: str) -> None:
        self._manager = manager
        self._guard = guard
        self._origin = origin
        self._metadata_url = metadata_url

    async def __call__(self, request: web.Request) -> web.Response:
        self._check_origin(request)
        bearer = await self._guard.bearer(request)
        if request.method != hdrs.METH_POST:
            raise Problem(405, "method_not_allowed", "Send POST.", headers={hdrs.ALLOW: "POST"})
        if request.content_type != "application/json":
            raise Problem(415, "unsupported_media_type", "Send application/json.")
        token = bearer_token(request.headers[hdrs.AUTHORIZATION]) or ""
        call = Call(access_token=token, request_id=facts.current().request_id)
        answer = await relay(request, self._manager.handle_request, {STATE: call})
        if call.refused is not None:
            raise self._told(call.refused, call.remedy)
        if not call.committed:  # what is done is told, whatever died meanwhile
            self._guard.confirm(bearer)
        return answer

    def _check_origin(self, request: web.Request) -> None:
        """Refuse pages of other sites (DNS rebinding); programs send no Origin, tools on this computer may."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin == self._origin or _is_on_this_computer(origin):
            return
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not use the MCP server.")

    def _told(self, refused: Document, remedy: str | None) -> Problem:
        """A lacking right that could be granted, or a token that died meanwhile, is for HTTP to tell."""
        challenge = (
            unauthorized(resource_metadata=self._metadata_url, scope=INCLUSIVE, token_sent=True)
            if remedy is None
            else insufficient_scope(resource_metadata=self._metadata_url, scope=remedy)
        )
        headers: dict[str, str] = {hdrs.WWW_AUTHENTICATE: challenge}
        return Problem(refused.status, refused.code, refused.title, refused.detail, headers=headers)


def _is_on_this_computer(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return host in LOOPBACK_HOSTS or f"[{host}]" in LOOPBACK_HOSTS
