"""`/v1/mcp`: the bearer check in front of the MCP session manager (MCP authorization, RFC 6750, RFC 9728)."""

from urllib.parse import urlsplit

from aiohttp import hdrs, web
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from latchkey_kit.web.problems import Problem
from latchkey_mcp.bridge import relay
from latchkey_mcp.calls import STATE, Call
from latchkey_oauth.challenge import bearer_token, insufficient_scope, unauthorized
from latchkey_oauth.redirect_uri import LOOPBACK_HOSTS
from latchkey_verify.web import Guard


class Endpoint:
    """Both protocol eras on one path; no sessions, so any instance serves any request."""

    def __init__(self, manager: StreamableHTTPSessionManager, guard: Guard, origin: str, metadata_url: str) -> None:
        self._manager = manager
        self._guard = guard
        self._origin = origin
        self._metadata_url = metadata_url

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self._check_origin(request)
        await self._guard.bearer(request)
        if request.method != hdrs.METH_POST:
            raise Problem(405, "method_not_allowed", "Send POST.", headers={hdrs.ALLOW: "POST"})
        call = Call(access_token=bearer_token(request.headers[hdrs.AUTHORIZATION]) or "")
        return await relay(request, self._manager.handle_request, {STATE: call}, lambda: self._instead(call))

    def _check_origin(self, request: web.Request) -> None:
        """Refuse pages of other sites (DNS rebinding); programs send no Origin, tools on this computer may."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin == self._origin:
            return
        host = urlsplit(origin).hostname or ""
        if host not in LOOPBACK_HOSTS and f"[{host}]" not in LOOPBACK_HOSTS:
            raise Problem(403, "origin_not_allowed", "Pages of this origin may not use the MCP server.")

    def _instead(self, call: Call) -> web.Response | None:
        """A lacking right that could be granted, or a token that died meanwhile, is HTTP's to tell."""
        if call.refused is None:
            return None
        if call.refused == 401:
            challenge = unauthorized(resource_metadata=self._metadata_url, scope="inclusive", token_sent=True)
        else:
            challenge = insufficient_scope(resource_metadata=self._metadata_url, scope=call.remedy or "")
        return web.Response(status=call.refused, headers={hdrs.WWW_AUTHENTICATE: challenge})
