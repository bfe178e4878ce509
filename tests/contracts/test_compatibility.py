"""Events of every earlier commit are still read, and readers of every earlier commit can read those of today."""

import copy
import json

import history
import msgspec
import pytest

from latchkey_contracts.events import EVENTS, CloudEvent

GOLDEN = "libs/contracts/tests/golden"
DOCUMENT = "docs/asyncapi.json"
PLACES = (DOCUMENT, "services/console/src/latchkey_console/reference/asyncapi.json")
"""Where it ever was: today it is a link to the second."""


@pytest.fixture
def past(root):
    """The project's root, if its history is there."""
    if reason := history.none_because(root):
        pytest.skip(reason)
    return root


def test_no_sample_was_edited_or_removed_once_it_was_committed(past):
    assert history.edited(past, GOLDEN) == [], "samples are added beside the old ones: see golden/README.md"


def test_the_classes_of_today_read_the_samples_of_every_earlier_commit(past):
    for sample in history.blobs(past, GOLDEN):
        if sample.path.endswith(".json"):
            envelope = msgspec.json.decode(sample.content, type=CloudEvent)
            event = msgspec.json.decode(envelope.data, type=EVENTS[envelope.type, envelope.dataversion])
            assert json.loads(msgspec.json.encode(event)) == json.loads(bytes(envelope.data)), sample.path


def test_readers_of_every_earlier_commit_can_read_the_events_of_today(past):
    today = json.loads((past / DOCUMENT).read_bytes())
    for place in PLACES:
        for document in history.blobs(past, place):
            assert history.broken(json.loads(document.content), today) == []


@pytest.fixture
def document(root):
    return json.loads((root / DOCUMENT).read_bytes())


def fact(document):
    return document["components"]["schemas"]["TokenReused"]


def gone(document):
    del fact(document)["properties"]["age"]


def other_type(document):
    fact(document)["properties"]["presented"] = {"type": "string"}


def wider(document):
    fact(document)["properties"]["presented"] = {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def other_default(document):
    document["components"]["schemas"]["TokenRefreshed"]["properties"]["again"]["default"] = True


def new_and_required(document):
    fact(document)["properties"]["more"] = {"type": "string"}
    fact(document)["required"].append("more")


def optional_now(document):
    fact(document)["required"].remove("presented")


def other_envelope(document):
    del document["components"]["schemas"]["CloudEvent"]["properties"]["traceparent"]


def class_gone(document):
    del document["components"]["schemas"]["TokenReused"]


def other_subject(document):
    document["channels"]["inside.token.reused"]["address"] = "lk.v2.{tenant}.token.{id}.reused"


BREAKING = (
    gone,
    other_type,
    wider,
    other_default,
    new_and_required,
    optional_now,
    other_envelope,
    class_gone,
    other_subject,
)


@pytest.mark.parametrize("change", BREAKING, ids=lambda change: change.__name__)
def test_a_change_that_breaks_readers_is_named(document, change):
    changed = copy.deepcopy(document)
    change(changed)
    assert len(history.broken(document, changed)) == 1


def test_new_optional_fields_new_events_and_other_words_break_nobody(document):
    changed = copy.deepcopy(document)
    schemas = changed["components"]["schemas"]
    fact(changed)["properties"]["more"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    fact(changed)["title"] = "Other words"
    fact(changed)["properties"]["presented"]["description"] = "Other words."
    schemas["TokenReusedV2"] = copy.deepcopy(schemas["TokenReused"])
    assert history.broken(document, changed) == []


@pytest.fixture
def repository(tmp_path):
    """A repository with a sample in it, and how to commit to it."""

    def commit(*arguments):
        who = ("-c", "user.name=tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false")
        for one in (("add", "-A"), (*who, "commit", "-q", "-m", "A change", *arguments)):
            history.run("git", "-C", tmp_path, *one)

    history.run("git", "init", "-q", tmp_path)
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "a.v1.json").write_text("{}")
    commit()
    return tmp_path, commit


def test_an_edit_is_named_before_and_after_it_is_committed_and_when_it_is_taken_back(repository):
    root, commit = repository
    sample = root / "golden" / "a.v1.json"
    assert history.edited(root, "golden") == []
    sample.write_text("[]")
    assert history.edited(root, "golden") == ["golden/a.v1.json"]
    commit()
    assert history.edited(root, "golden") == ["golden/a.v1.json"]
    sample.write_text("{}")
    commit()
    assert history.edited(root, "golden") == ["golden/a.v1.json"], "once it stood otherwise"
    assert [blob.content for blob in history.blobs(root, "golden")] == [b"{}", b"[]"]


def test_a_sample_that_is_removed_is_named_and_one_that_is_added_is_not(repository):
    root, commit = repository
    (root / "golden" / "a.v1.2.json").write_text("{}")
    commit()
    assert history.edited(root, "golden") == []
    (root / "golden" / "a.v1.json").unlink()
    commit()
    assert history.edited(root, "golden") == ["golden/a.v1.json"]


def test_a_history_that_is_missing_or_cut_off_is_told(repository, tmp_path_factory):
    root, commit = repository
    assert history.none_because(root) == ""
    assert "whole" in history.none_because(_shallow(root, commit, tmp_path_factory.mktemp("shallow")))
    assert "no Git" in history.none_because(tmp_path_factory.mktemp("unpacked"))


def _shallow(root, commit, folder):
    commit("--allow-empty")
    history.run("git", "clone", "-q", "--depth", "1", root.as_uri(), folder)
    return folder
