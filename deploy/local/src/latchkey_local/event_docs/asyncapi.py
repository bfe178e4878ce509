"""docs/asyncapi.json: AsyncAPI 3.0, as a consumer sees the streams."""

import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from latchkey_audit.domain import streaming
from latchkey_contracts.events import EVENTS, Change, CloudEvent, Event, subject
from latchkey_local.event_docs.asyncapi_parts import HEADERS, INFO, PARAMETERS, SECURITY, SERVERS
from latchkey_local.event_docs.fields import fields, sentence
from latchkey_local.event_docs.samples import newest

_REF = "#/components/{kind}/{name}"
_NATS = {"nats": {"bindingVersion": "0.1.0"}}


def text(golden: Path) -> str:
    """Write the document, with examples from the samples in this folder."""
    return json.dumps(document(golden), indent=1, ensure_ascii=False) + "\n"


def document(golden: Path) -> dict[str, Any]:
    events = sorted(EVENTS.values(), key=lambda one: (one.type, one.version))
    channels, operations = {}, {}
    for event_type in dict.fromkeys(one.type for one in events):
        versions = [one for one in events if one.type == event_type]
        for side in ("outside", "inside"):
            name = f"{side}.{event_type}"
            channels[name] = _channel(side, versions)
            operations[f"receive.{name}"] = _operation(name, versions[-1], channels[name])
    return {
        "asyncapi": "3.0.0",
        "info": {**INFO, "version": metadata.version("latchkey-contracts"), "tags": _tags(events)},
        "defaultContentType": "application/cloudevents+json",
        "servers": SERVERS,
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {_key(one): _message(one, golden) for one in events},
            "schemas": {**schemas(), "Headers": HEADERS},
            "parameters": PARAMETERS,
            "securitySchemes": SECURITY,
        },
    }


def schemas() -> dict[str, Any]:
    """JSON Schemas of the envelope and of the data of every event, by the names of the classes."""
    classes: list[type[msgspec.Struct]] = [CloudEvent, Change, *EVENTS.values()]
    _, made = msgspec.json.schema_components(classes, ref_template="#/components/schemas/{name}")
    for cls in classes:
        _describe(made[cls.__name__], cls)
    envelope = made["CloudEvent"]
    envelope["properties"]["specversion"] = {"const": "1.0"} | _meaning(envelope, "specversion")
    envelope["properties"]["data"]["type"] = "object"
    envelope["required"] = ["specversion", *envelope["required"]]
    return dict(sorted(made.items()))


def _describe(schema: dict[str, Any], cls: type[msgspec.Struct]) -> None:
    schema["description"] = sentence(cls)
    if issubclass(cls, Event):
        schema["title"] = cls.title
    for field in fields(cls):
        schema["properties"][field.name]["description"] = field.meaning


def _meaning(schema: Mapping[str, Any], field: str) -> dict[str, str]:
    return {"description": schema["properties"][field]["description"]}


def _channel(side: str, versions: list[type[Event]]) -> dict[str, Any]:
    kind = versions[-1].type
    outside = side == "outside"
    address = streaming.subject("{tenant}", "{consumer}", kind) if outside else subject(kind, "{id}", "{tenant}")
    return {
        "address": address,
        "title": versions[-1].title,
        "servers": [{"$ref": f"#/servers/{'streams' if outside else 'inside'}"}],
        "parameters": {
            name: {"$ref": _REF.format(kind="parameters", name=name)}
            for name in (("tenant", "consumer") if outside else ("tenant", "id"))
        },
        "messages": {_key(one): {"$ref": _REF.format(kind="messages", name=_key(one))} for one in versions},
        "bindings": {"nats": {}},
    }


def _operation(channel: str, event: type[Event], made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "action": "receive",
        "title": event.title,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{key}"} for key in made["messages"]],
        "bindings": _NATS,
    }


def _message(event: type[Event], golden: Path) -> dict[str, Any]:
    sample = newest(golden, event)
    demanded = {"required": ["dataversion"]} if event.version > 1 else {}
    return {
        "name": event.type,
        "title": event.title,
        "summary": sentence(event).split("\n\n")[0],
        "contentType": "application/cloudevents+json",
        "tags": [{"name": event.type.partition(".")[0]}, {"name": event.result}],
        "headers": {"$ref": _REF.format(kind="schemas", name="Headers")},
        "payload": {
            "allOf": [
                {"$ref": _REF.format(kind="schemas", name="CloudEvent")},
                {
                    "properties": {
                        "type": {"const": event.type},
                        "dataversion": {"const": event.version},
                        "data": {"$ref": _REF.format(kind="schemas", name=event.__name__)},
                    },
                    **demanded,
                },
            ]
        },
        "bindings": {"nats": {}},
        "examples": [{"name": event.type, "summary": event.title, "payload": sample}],
    }


def _tags(events: list[type[Event]]) -> list[dict[str, str]]:
    return [{"name": aggregate} for aggregate in dict.fromkeys(one.type.partition(".")[0] for one in events)]


def _key(event: type[Event]) -> str:
    return f"{event.type}.v{event.version}"
