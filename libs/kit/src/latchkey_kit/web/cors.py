"""Cross-origin reads for routes that are open to browsers. No cookies ever: a bearer is brought by the caller."""

from aiohttp import hdrs, web

_ALLOWED_HEADERS = (
    "Authorization, Content-Type, Accept, If-Match, If-None-Match, "
    "MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"
)


def open_up(response: web.StreamResponse) -> None:
    """Let scripts of any origin read this answer, its challenge included."""
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
    response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = "WWW-Authenticate, X-Request-Id, Retry-After, ETag"


async def preflight(request: web.Request) -> web.Response:
    """Answer ``OPTIONS`` (Fetch standard, CORS preflight), without authentication."""
    wanted = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD, "POST")
    method = wanted if wanted in {"GET", "POST", "PUT", "PATCH", "DELETE"} else "POST"
    headers = {
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: method,
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _ALLOWED_HEADERS,
        hdrs.ACCESS_CONTROL_MAX_AGE: "600",
    }
    return web.Response(status=204, headers=headers)
