"""Documentation: quick starts and the API reference."""

from latchkey_console.parts import Parts
from latchkey_console.reference.api import Reference
from latchkey_console.reference.guides import Guides
from latchkey_kit.web.routes import Route, page


def routes(parts: Parts) -> tuple[Route, ...]:
    guides, reference = Guides(parts), Reference(parts)
    return (
        page("GET", "/docs", guides.show),
        page("GET", "/docs/api", reference.show),
        page("GET", "/docs/api/{tag}", reference.show),
        page("GET", "/openapi.json", reference.openapi),
        page("GET", "/asyncapi.json", reference.asyncapi),
        page("GET", "/postman.json", reference.postman),
    )
