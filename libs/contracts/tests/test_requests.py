"""What every request between services promises."""

import importlib
import pkgutil
import typing

import msgspec
import pytest

import latchkey_contracts.requests
from latchkey_contracts.api import Api
from latchkey_contracts.feed import Entry, Page, assignment_key
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests import Ask


def all_asks():
    where = latchkey_contracts.requests
    modules = [importlib.import_module(f"{where.__name__}.{one.name}") for one in pkgutil.iter_modules(where.__path__)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    asks = (one for one in found if issubclass(one, Ask) and one is not Ask)
    return sorted(asks, key=lambda one: one.__name__)


every_ask = pytest.mark.parametrize("kind", all_asks(), ids=lambda kind: kind.__name__)


def test_no_two_requests_have_one_path():
    paths = [kind.path for kind in all_asks()]
    assert len(paths) >= 18
    assert sorted(set(paths)) == sorted(paths)


@every_ask
def test_path_is_on_the_internal_port(kind):
    assert kind.path.startswith("/internal/")
    assert kind.path == kind.path.lower().rstrip("/")


@every_ask
def test_answer_is_the_one_that_is_promised(kind):
    (promised,) = next(typing.get_args(base) for base in kind.__orig_bases__ if typing.get_origin(base) is Ask)
    assert kind.answer is promised
    assert issubclass(kind.answer, msgspec.Struct)
    msgspec.json.schema(kind.answer)  # raises for what JSON cannot carry


@every_ask
def test_question_can_be_carried_by_json(kind):
    schema = msgspec.json.schema(kind)
    assert set(schema["$defs"][kind.__name__]["properties"]) == {one.name for one in msgspec.structs.fields(kind)}


def test_audiences_are_the_origin_and_a_path():
    api = Api("https://api.example")
    assert api.audiences == (api.rest, api.mcp) == ("https://api.example/v1", "https://api.example/v1/mcp")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0123456789abcdef" * 2, True), ("0123456789ABCDEF" * 2, False), ("f" * 31, False), ("f" * 33, False),
        ("f" * 32 + "\n", False), ("", False), (None, False), (7, False), ("0123456789abcdef-0123456789abcdef", False),
    ],
)  # fmt: skip
def test_id_is_32_lower_case_hexadecimal_digits(text, is_one):
    assert is_id(text) is is_one


def test_feed_page_is_short_on_the_wire():
    page = Page(epoch="e", head=2, entries=(Entry(1, "connection", "c" * 32), Entry(2, "role", "d" * 32, 5)))
    wire = msgspec.json.encode(page)
    assert b'[[1,"connection","' + b"c" * 32 in wire
    assert msgspec.json.decode(wire, type=Page) == page


def test_two_assignments_never_share_a_key():
    assert assignment_key("a" * 32, "b" * 32) != assignment_key("b" * 32, "a" * 32)
