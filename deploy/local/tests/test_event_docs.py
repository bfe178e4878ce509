"""docs/events.md and docs/asyncapi.json say what the classes say, and every event has its sample."""

import json
import shutil
from pathlib import Path

import pytest

from latchkey_contracts.events import EVENTS, Change, CloudEvent
from latchkey_local.event_docs import asyncapi, page, samples
from latchkey_local.event_docs.fields import fields

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "libs" / "contracts" / "tests" / "golden"


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(GOLDEN, tmp_path / "golden"))


def test_the_pages_are_what_the_classes_say():
    assert (ROOT / "docs" / "events.md").read_text() == page.page(GOLDEN), "run `make docs`"
    assert (ROOT / "docs" / "asyncapi.json").read_text() == asyncapi.text(GOLDEN), "run `make docs`"


def test_every_event_has_a_sample_with_every_field(copied):
    assert samples.write_missing(copied) == [], "run `make docs`"


def test_a_field_that_is_new_gets_a_sample_beside_the_old_one(copied):
    old = copied / "token.reused.v1.json"
    body = json.loads(old.read_text())
    del body["data"]["age"]
    old.write_text(json.dumps(body))
    (copied / "key.rotated.v1.json").unlink()
    written = samples.write_missing(copied)
    assert {one.name for one in written} == {"token.reused.v1.2.json", "key.rotated.v1.json"}
    assert json.loads(old.read_text()) == body, "what is there stays as it is"
    assert "age" in samples.newest(copied, EVENTS["token.reused", 1])["data"]
    assert samples.write_missing(copied) == []


def test_an_extension_that_is_new_gets_one_sample(copied):
    for path in copied.glob("*.json"):
        body = json.loads(path.read_text())
        del body["agent"]
        path.write_text(json.dumps(body))
    (written,) = samples.write_missing(copied)
    assert "agent" in json.loads(written.read_text())


def test_samples_are_the_same_every_time():
    assert [samples.sample(one) for one in EVENTS.values()] == [samples.sample(one) for one in EVENTS.values()]


@pytest.mark.parametrize("cls", [CloudEvent, Change, *EVENTS.values()], ids=lambda cls: cls.__name__)
def test_every_field_says_what_it_means(cls):
    assert [field.name for field in fields(cls) if not field.meaning] == []
