"""What the streams server believes: NATS JWTs (version 2), signed from the operator down. Times come from outside.

A consumer has an account of its own, for accounts are what keeps an answer at home: NATS checks which subject is asked,
never where the answer is to go. Of the platform's account it imports three subjects, those of its own durable.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from latchkey_audit.streams.keys import Holder, Keys
from latchkey_audit.streams.nkey import Nkey

STREAM = "AUDIT"
"""The stream of audit events, in the platform's account."""
SUBJECT = "audit"
"""Events are published on ``audit.<tenant>.…``."""
CHECKPOINTS = "CHECKPOINTS"
"""The stream of signed checkpoints, in the same account, exported to nobody."""
CHECKPOINT = "checkpoint"
"""They are published on ``checkpoint.<tenant>``."""
PLATFORM_INBOX = "_INBOX_platform"
SYSTEM_INBOX = "_INBOX_system"
UPDATE, DELETE, LIST = ("$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.CLAIMS.DELETE", "$SYS.REQ.CLAIMS.LIST")
MOST_CONNECTIONS = 4
"""Of one consumer, at the same time."""
MOST_SUBSCRIPTIONS = 100
"""Of one connection of a consumer."""
LARGEST_REQUEST = 4 * 1024
"""Bytes that a consumer may send at once: it asks and confirms, no more."""
DISK = 10 * 1024**3
"""Bytes for the stream of events at most."""
DISK_OF_CHECKPOINTS = 4 * 1024**3
"""Bytes for that of checkpoints, so that the other never takes their room."""
_ANY = -1
_NEXT, _INFO = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}", f"$JS.API.CONSUMER.INFO.{STREAM}"
_ACK = f"$JS.ACK.{STREAM}"
# Every account has a $JS.API of its own that answers, too ("not enabled"): what a consumer asks is mapped to these.
_NEXT_HERE, _INFO_HERE = "bus.next", "bus.info"
_NO_LIMITS = {"subs": _ANY, "data": _ANY, "payload": _ANY, "imports": _ANY, "exports": _ANY, "conn": _ANY, "leaf": 0}
_ENCODER = msgspec.json.Encoder(order="sorted")


def operator(keys: Keys, at: dt.datetime) -> str:
    """For the configuration: whose signature counts."""
    about = {"type": "operator", "system_account": keys.system.account.public}
    return _signed(keys.operator, keys.operator.public, "latchkey", about, at)


def system_account(keys: Keys, at: dt.datetime) -> str:
    """For the configuration: the account that rules accounts."""
    about = {"type": "account", "limits": _NO_LIMITS | {"wildcards": True}}
    return _signed(keys.operator, keys.system.account.public, "system", about, at)


def platform_account(keys: Keys, at: dt.datetime) -> str:
    """For the configuration: the account that owns both streams, and what others may import of the one of events."""
    room = {"mem_storage": 0, "disk_storage": DISK + DISK_OF_CHECKPOINTS, "streams": 2, "consumer": _ANY}
    about = {
        "type": "account",
        "limits": _NO_LIMITS | room | {"wildcards": True},
        "exports": [
            _service("next", f"{_NEXT}.*") | {"response_type": "Stream"},
            _service("info", f"{_INFO}.*"),
            _service("ack", f"{_ACK}.*.>"),
        ],
    }
    return _signed(keys.operator, keys.platform.account.public, "platform", about, at)


def consumer_account(keys: Keys, consumer: str, at: dt.datetime) -> str:
    """To be pushed: the account of a consumer, whose durable has its id for a name."""
    platform = keys.platform.account.public
    about = {
        "type": "account",
        "limits": {
            "subs": MOST_SUBSCRIPTIONS, "data": _ANY, "payload": LARGEST_REQUEST, "imports": 3, "exports": 0,
            "conn": MOST_CONNECTIONS, "leaf": 0, "mem_storage": 0, "disk_storage": 0, "disallow_bearer": True,
        },
        "imports": [
            _service("next", f"{_NEXT}.{consumer}") | {"account": platform, "local_subject": _NEXT_HERE},
            _service("info", f"{_INFO}.{consumer}") | {"account": platform, "local_subject": _INFO_HERE},
            _service("ack", f"{_ACK}.{consumer}.>") | {"account": platform},
        ],
        "mappings": {
            f"{_NEXT}.{consumer}": [{"subject": _NEXT_HERE, "weight": 100}],
            f"{_INFO}.{consumer}": [{"subject": _INFO_HERE, "weight": 100}],
        },
    }  # fmt: skip
    return _signed(keys.operator, keys.consumer(consumer).account.public, consumer, about, at)


def system_user(keys: Keys, at: dt.datetime) -> str:
    """For the audit service, which makes and removes accounts."""
    return _user(keys.system, "audit", [UPDATE, DELETE, LIST], [f"{SYSTEM_INBOX}.>"], at)


def platform_user(keys: Keys, at: dt.datetime) -> str:
    """For the audit service, which keeps the streams and their consumers, and publishes."""
    may_ask = [f"{SUBJECT}.>", f"{CHECKPOINT}.*", "$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.CONSUMER.>"]
    return _user(keys.platform, "audit", may_ask, [f"{PLATFORM_INBOX}.>"], at)


def consumer_user(keys: Keys, consumer: str, at: dt.datetime) -> str:
    """For a consumer: it may ask for what is next, ask how far it is, and confirm."""
    may_ask = [_NEXT_HERE, _INFO_HERE, f"{_ACK}.{consumer}.>"]
    return _user(keys.consumer(consumer), consumer, may_ask, ["_INBOX.>"], at)


def credentials(keys: Keys, consumer: str, at: dt.datetime) -> str:
    """For a consumer: the text of a ``.creds`` file, which every NATS client reads. It holds a secret."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{consumer_user(keys, consumer, at)}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{keys.consumer(consumer).user.reveal()}\n------END USER NKEY SEED------\n"
    )


def deletion(keys: Keys, accounts: Sequence[str], at: dt.datetime) -> str:
    """To be sent to ``DELETE``: the accounts with these public keys are to go."""
    about = {"type": "generic", "accounts": list(accounts)}
    return _signed(keys.operator, keys.operator.public, "deletion", about, at)


def _user(holder: Holder, name: str, may_ask: list[str], hears: list[str], at: dt.datetime) -> str:
    about = {
        "type": "user", "pub": {"allow": may_ask}, "sub": {"allow": hears},
        "subs": _ANY, "data": _ANY, "payload": _ANY, "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
    }  # fmt: skip
    return _signed(holder.account, holder.user.public, name, about, at)


def _service(name: str, subject: str) -> dict[str, Any]:
    return {"name": name, "subject": subject, "type": "service"}


def _signed(issuer: Nkey, subject: str, name: str, about: dict[str, Any], at: dt.datetime) -> str:
    claims = {
        "iat": int(at.timestamp()), "iss": issuer.public, "sub": subject, "name": name,
        "nats": about | {"version": 2},
    }  # fmt: skip
    claims["jti"] = base64.b32encode(hashlib.sha256(_ENCODER.encode(claims)).digest()).rstrip(b"=").decode()
    content = ".".join(_part(part) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, claims))
    return f"{content}.{_url_safe(issuer.sign(content.encode()))}"


def _part(content: dict[str, Any]) -> str:
    return _url_safe(_ENCODER.encode(content))


def _url_safe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
