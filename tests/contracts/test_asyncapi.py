"""docs/asyncapi.json in the eyes of the AsyncAPI parser, and golden samples in the eyes of its schemas."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import history
import jsonschema
import pytest

HERE = Path(__file__).parent
TOOL = HERE / "asyncapi"
UNREACHABLE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED")


@pytest.fixture(scope="session")
def parser(root):
    """Folder of the parser, installed once for each lock; skips where it cannot be."""
    _node_or_skip()
    files = [TOOL / name for name in ("package.json", "package-lock.json", "validate.mjs")]
    mark = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]
    folder = root / ".cache" / f"asyncapi-{mark}"
    if not folder.exists():
        _install(files, folder)
    return folder


def _node_or_skip():
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("the AsyncAPI parser needs Node.js 18 or later and npm, which are not here")
    version = history.run("node", "--version").decode()
    if int(version.lstrip("v").partition(".")[0]) < 18:
        pytest.skip(f"the AsyncAPI parser needs Node.js 18 or later; this is {version.strip()}")


def _install(files, folder):
    """Whole or absent, also when two test processes do it at the same time."""
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        for one in files:
            shutil.copy(one, made)
        command = ("npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        try:
            history.run(*command, cwd=Path(made))
        except subprocess.CalledProcessError as failed:
            said = failed.stderr.decode()
            if UNREACHABLE.search(said):
                pytest.skip("the AsyncAPI parser is not installed yet, and the package registry cannot be reached")
            pytest.fail(said)
        with contextlib.suppress(OSError):  # the other was faster
            os.rename(made, folder)  # noqa: PTH104
            Path(made).mkdir()  # for the end of the block


def diagnostics(parser, document):
    return json.loads(history.run("node", parser / "validate.mjs", document))


def test_the_parser_finds_no_error(parser, root):
    found = diagnostics(parser, root / "docs" / "asyncapi.json")
    assert [one for one in found if one["severity"] in {"error", "warning"}] == []


def test_the_parser_would_find_one(parser, root, tmp_path):
    document = json.loads((root / "docs" / "asyncapi.json").read_text())
    document["operations"] = {"wrong": {**document["operations"]["receive.outside.token.reused"], "action": "hear"}}
    (tmp_path / "wrong.json").write_text(json.dumps(document))
    assert "error" in {one["severity"] for one in diagnostics(parser, tmp_path / "wrong.json")}


def test_the_lock_names_no_registry():
    lock = (TOOL / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock)
    locked = json.loads(lock)["packages"]
    assert [name for name, one in locked.items() if name and not one.get("integrity")] == []


@pytest.fixture(scope="session")
def document(root):
    return json.loads((root / "docs" / "asyncapi.json").read_text())


def samples():
    return sorted((HERE.parents[1] / "libs" / "contracts" / "tests" / "golden").glob("*.json"))


def validator(document, body):
    """Of the payload of the message that this is."""
    payload = document["components"]["messages"][f"{body['type']}.v{body['dataversion']}"]["payload"]
    return jsonschema.Draft202012Validator(payload | {"components": document["components"]})


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_a_sample_is_what_its_schema_says(document, path):
    body = json.loads(path.read_text())
    assert [error.message for error in validator(document, body).iter_errors(body)] == []


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_a_sample_without_what_must_be_there_is_refused(document, path):
    body = json.loads(path.read_text())
    assert validator(document, body).is_valid(body)
    assert not validator(document, body).is_valid(body | {"data": {}})
    assert not validator(document, body).is_valid({name: body[name] for name in body if name != "id"})
    assert not validator(document, body).is_valid(body | {"type": "some.other"})


def test_every_message_is_on_a_channel_and_every_channel_is_received(document):
    channels = document["channels"]
    carried = {key for channel in channels.values() for key in channel["messages"]}
    assert carried == set(document["components"]["messages"])
    received = {one["channel"]["$ref"] for one in document["operations"].values() if one["action"] == "receive"}
    assert received == {f"#/channels/{name}" for name in channels}
    assert all(set(re.findall(r"{(\w+)}", one["address"])) == set(one["parameters"]) for one in channels.values())
