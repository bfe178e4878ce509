"""Path → handler."""

from collections.abc import Iterable

from latchkey_contracts.requests.records import CompanyOwner, RecordsDescribe, RecordsLoad, RecordsPerform
from latchkey_kit.web.routes import Handler, Route, api, asked
from latchkey_oauth.metadata import PROTECTED_RESOURCE_PATH
from latchkey_records.handlers.assistant import Assistant
from latchkey_records.handlers.rest import Rest

API = "/v1"


def public(metadata: Handler, models: Iterable[tuple[str, Rest, Handler]]) -> tuple[Route, ...]:
    resources = [route for name, rest, export in models for route in _of_model(f"{API}/{name}", rest, export)]
    return (api("GET", PROTECTED_RESOURCE_PATH + API, metadata, open_to_browsers=True), *resources)


def _of_model(path: str, rest: Rest, export: Handler) -> tuple[Route, ...]:
    return (
        api("GET", path, rest.list, open_to_browsers=True),
        api("POST", path, rest.create, open_to_browsers=True),
        api("GET", path + "/export", export, open_to_browsers=True),  # no id is spelled like that
        api("GET", path + "/{id}", rest.get, open_to_browsers=True),
        api("PATCH", path + "/{id}", rest.update, open_to_browsers=True),
        api("DELETE", path + "/{id}", rest.remove, open_to_browsers=True),
    )


def internal(assistant: Assistant, load: Handler, company_owner: Handler) -> tuple[Route, ...]:
    return (
        asked(RecordsPerform.path, assistant.perform, by={"mcp"}),
        asked(RecordsDescribe.path, assistant.describe, by={"mcp"}),
        asked(RecordsLoad.path, load, by={"operator"}),
        asked(CompanyOwner.path, company_owner, by={"permissions"}),
    )
