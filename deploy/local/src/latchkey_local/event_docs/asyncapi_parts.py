"""The parts of docs/asyncapi.json that no class knows."""

from typing import Any, Final

from latchkey_audit.domain.streaming import POSITION

INFO: Final[dict[str, Any]] = {
    "title": "Latchkey events",
    "description": (
        "Facts of Latchkey's services as CloudEvents 1.0 in structured JSON, as a reader sees them. A tenant's consumer"
        " reads the channels `outside.…` from the server `streams`, through a durable pull consumer of the stream"
        " AUDIT whose name is the consumer's id; services read the channels `inside.…`."
        " Optional fields, words and types may be added at any time: pass over what you do not know."
    ),
    "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
}

SERVERS: Final[dict[str, Any]] = {
    "streams": {
        "host": "{host}:{port}",
        "protocol": "nats",
        "title": "The customers' streams",
        "description": "A NATS server in operator mode. Every consumer is an account of its own.",
        "variables": {
            "host": {"description": "As the deployment says.", "default": "streams.example"},
            "port": {"default": "4222"},
        },
        "security": [{"$ref": "#/components/securitySchemes/credentials"}],
    },
    "inside": {
        "host": "127.0.0.1:4222",
        "protocol": "nats",
        "title": "Between the services",
        "description": "The stream LATCHKEY. Each service is a user that reads and tells only what is its own.",
        "security": [{"$ref": "#/components/securitySchemes/service"}],
    },
}

SECURITY: Final[dict[str, Any]] = {
    "credentials": {
        "type": "asymmetricEncryption",
        "description": "A NATS credentials file (user JWT and Ed25519 seed), shown once when the consumer is made.",
    },
    "service": {"type": "userPassword", "description": "User and password of a service."},
}

PARAMETERS: Final[dict[str, Any]] = {
    "tenant": {"description": "Id of the tenant; inside, `_` where there is none."},
    "consumer": {"description": "Id of the consumer, as `/v1/audit-consumers` shows it."},
    "id": {"description": "Id of the aggregate: the event's `subject`."},
}

_INSIDE: Final = {
    "Nats-Msg-Id": "Inside: `<id>.<epoch>` of the event.",
    "ce-id": "Inside: the event's id.",
    "ce-type": "Inside: the event's type.",
    "traceparent": "Inside: place in a trace.",
}
_OUTSIDE: Final = {
    POSITION: "Outside: position in the tenant's chain.",
    "Lk-Recorded": "Outside: when it was recorded.",
    "Lk-Kept": "Outside: for how many months it is kept.",
    "Lk-Hash": "Outside: hash of the chain at this position, in hexadecimal.",
}
HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What NATS carries beside the body.",
    "properties": {name: {"type": "string", "description": text} for name, text in {**_INSIDE, **_OUTSIDE}.items()},
}
