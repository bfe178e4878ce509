"""Path → handler."""

from latchkey_kit.web.routes import Handler, Route, api
from latchkey_mcp.handlers.endpoint import Endpoint

ENDPOINT = "/v1/mcp"


def public(endpoint: Endpoint, metadata: Handler) -> tuple[Route, ...]:
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
    return (
        *(
            api(method, path, endpoint, open_to_browsers=True)
            for path in (ENDPOINT, f"{ENDPOINT}/")
            for method in methods
        ),
        api("GET", f"/.well-known/oauth-protected-resource{ENDPOINT}", metadata, open_to_browsers=True),
        api("GET", "/.well-known/oauth-protected-resource", metadata, open_to_browsers=True),
    )
