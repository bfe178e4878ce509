"""What a process tells of itself at ``/metrics``, in the text format of Prometheus.

One registry a process. Labels have few values, known when the code is written or set up: a route's pattern and never
its path, an outcome in one word; no tenant, user, client or id.
"""

import contextlib
import functools
import importlib.metadata
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# No second line for every counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types
registry = CollectorRegistry()
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)

build = Gauge("latchkey_build_info", "1, for the release that runs.", ("version",), registry=registry)
http_requests = Histogram(
    "latchkey_http_request_duration_seconds",
    "Requests answered, by pattern of the route, method and class of the status.",
    ("route", "method", "status"),
    buckets=_SECONDS,
    registry=registry,
)
http_in_flight = Gauge("latchkey_http_requests_in_flight", "Requests under way.", registry=registry)
peer_requests = Counter(
    "latchkey_peer_requests_total",
    "Requests to other services, by address and outcome: answered, refused, failed, unreachable or silent.",
    ("peer", "outcome"),
    registry=registry,
)
ready = Gauge(
    "latchkey_ready", "1 for every readiness check that is well; ready is their least.", ("check",), registry=registry
)
database_connections = Gauge(
    "latchkey_database_connections_in_use", "Connections of a pool that are lent out.", ("pool",), registry=registry
)
outbox_waiting = Gauge(
    "latchkey_outbox_waiting", "Events committed that NATS has not taken yet; every instance sees the same.",
    registry=registry,
)  # fmt: skip
outbox_unconfirmed = Gauge(
    "latchkey_outbox_unconfirmed", "Numbered events that a consumer has not confirmed to have.", ("consumer",),
    registry=registry,
)  # fmt: skip
relay_leads = Gauge("latchkey_relay_leads", "1 while this process holds the lock of the relay.", registry=registry)
stream_leads = Gauge(
    "latchkey_audit_stream_leads", "1 while this process fills the stream of customers' consumers.", registry=registry
)
stream_behind = Gauge(
    "latchkey_audit_stream_behind",
    "Entries that the consumer furthest behind has to acknowledge; seen every 30 seconds by who leads.",
    registry=registry,
)
inbox_waiting = Gauge(
    "latchkey_inbox_waiting",
    "Events that a consumer had still before it when it last took one.",
    ["durable"],
    registry=registry,
)
inbox_events = Counter(
    "latchkey_inbox_events_total",
    "Events heard, by consumer and outcome: applied, repeated, later or parked.",
    ("durable", "outcome"),
    registry=registry,
)
inbox_parked = Gauge(
    "latchkey_inbox_parked",
    "Dead letters: events that a consumer could not read or apply; every instance sees the same.",
    ("durable",),
    registry=registry,
)
audit_missing = Gauge(
    "latchkey_audit_missing",
    "Events of a source that audit waits for in vain, by their numbers; every instance sees the same.",
    ("source",),
    registry=registry,
)
token_requests = Counter(
    "latchkey_token_requests_total",
    "Requests for tokens, by grant type and outcome: issued, an error code of RFC 6749, or failed by our own fault.",
    ("grant", "outcome"),
    registry=registry,
)
audit_checkpoint_file_failing = Gauge(
    "latchkey_audit_checkpoint_file_failing", "1 while checkpoints cannot be written to the file that is set for them.",
    registry=registry,
)  # fmt: skip
audit_checkpoint_stream_failing = Gauge(
    "latchkey_audit_checkpoint_stream_failing", "1 while checkpoints cannot be published to the streams server.",
    registry=registry,
)  # fmt: skip
audit_months_withheld = Gauge(
    "latchkey_audit_months_withheld", "Months of the log that are over and not dropped: an entry in them is altered.",
    registry=registry,
)  # fmt: skip


def answered(route: str | None, method: str, status: int, seconds: float) -> None:
    """Count a request. What took no route is ``unmatched``, whatever its path; an odd method is ``other``."""
    _http_requests(route or "unmatched", method if method in _METHODS else "other", status // 100).observe(seconds)


@functools.cache
def _http_requests(route: str, method: str, status_class: int) -> Histogram:
    """Found once: there are few, and looking up labels costs more than counting."""
    return http_requests.labels(route, method, f"{status_class}xx")


@functools.cache
def token_outcome(grant: str, outcome: str) -> Counter:
    """The counter of one outcome of ``token_requests``."""
    return token_requests.labels(grant, outcome)


@contextlib.contextmanager
def watching_pool(pool: str, in_use: Callable[[], int]) -> Iterator[None]:
    """Show how many connections are lent out, for the time of the block."""
    database_connections.labels(pool).set_function(in_use)
    try:
        yield
    finally:
        database_connections.remove(pool)


def exposition() -> bytes:
    """Every metric, as text."""
    build.labels(_version()).set(1)
    return generate_latest(registry)


@functools.cache
def _version() -> str:
    """Asked for when somebody wants to know: finding it would cost every start."""
    return importlib.metadata.version("latchkey-kit")
