"""The classes of today read every sample there ever was, and lose nothing of it. See golden/README.md."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from latchkey_contracts.events import EVENTS, CloudEvent

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(GOLDEN.glob("*.json"))
every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.removesuffix(".json"))


def read(path):
    """A sample as it stands, its envelope, and its event."""
    body = path.read_bytes()
    envelope = msgspec.json.decode(body, type=CloudEvent)
    event = msgspec.json.decode(envelope.data, type=EVENTS[envelope.type, envelope.dataversion])
    return json.loads(body), envelope, event


def as_json(struct):
    return json.loads(msgspec.json.encode(struct))


@every_sample
def test_a_sample_is_read_and_written_without_loss(path):
    body, envelope, event = read(path)
    assert as_json(event) == body["data"]
    # What has its default is left out, but everything a reader of old finds in it means the same.
    assert body | as_json(envelope) == body
    assert msgspec.json.decode(msgspec.json.encode(envelope), type=CloudEvent).data == envelope.data


@every_sample
def test_a_sample_is_called_by_its_type_and_version(path):
    _, envelope, event = read(path)
    assert re.fullmatch(rf"{re.escape(envelope.type)}\.v{envelope.dataversion}(\.[2-9][0-9]*)?\.json", path.name)
    assert envelope.subject == event.entity_id


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_field_is_in_a_sample(kind):
    found = [path for path in SAMPLES if path.name.startswith(f"{kind.type}.v{kind.version}.")]
    assert set().union(*(read(path)[0]["data"] for path in found)) >= set(kind.__struct_fields__)


def test_every_field_of_the_envelope_is_in_a_sample():
    assert set().union(*(read(path)[0] for path in SAMPLES)) == set(CloudEvent.__struct_fields__)
