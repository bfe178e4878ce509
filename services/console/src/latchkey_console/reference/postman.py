"""The same operations as a Postman collection (v2.1)."""

from typing import Any

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(document: dict[str, Any], origin: str) -> dict[str, Any]:
    """A folder for each part of the API; origin and token are variables of the collection."""
    folders: dict[str, list[Any]] = {one["name"]: [] for one in document["tags"]}
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            folders[one["tags"][0]].append(_request(method.upper(), path, one))
    return {
        "info": {"name": document["info"]["title"], "schema": _SCHEMA},
        "variable": [{"key": "origin", "value": origin}, {"key": "access_token", "value": ""}],
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access_token}}", "type": "string"}]},
        "item": [{"name": name, "item": requests} for name, requests in folders.items()],
    }


def _request(method: str, path: str, one: dict[str, Any]) -> dict[str, Any]:
    address = path.replace("{", ":").replace("}", "")
    parts = address.strip("/").split("/")
    request: dict[str, Any] = {
        "method": method,
        "url": {"raw": f"{{{{origin}}}}{address}", "host": ["{{origin}}"], "path": parts},
    }
    if "requestBody" in one:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": "{}"}
    return {"name": one["summary"], "request": request}
