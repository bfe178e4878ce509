"""openapi.json says what the routes are, and is what OpenAPI 3.1 wants."""

import json
from pathlib import Path

import jsonschema
import pytest

from latchkey_local.api_docs import openapi
from latchkey_local.api_docs.answers import ANSWERS
from latchkey_local.api_docs.operations import operations

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def document():
    return json.loads((CHECKOUT / "docs" / "openapi.json").read_text())


def test_the_document_is_what_the_code_says(document):
    assert document == json.loads(openapi.text()), "run `make docs`"


def test_every_operation_says_what_it_answers_and_nothing_else_is_listed():
    named = {one.name for one in operations() if one.service != "records"}
    assert named == set(ANSWERS)


def test_every_reference_leads_somewhere_and_every_schema_is_one(document):
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(document)
    wanted = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert wanted <= set(schemas)


def test_names_of_operations_are_unique_and_each_has_words(document):
    every = [one for methods in document["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in every]
    assert len(names) == len(set(names))
    assert all(one["summary"] for one in every)
    assert all("default" in one["responses"] for one in every)


def test_parameters_in_a_path_are_described(document):
    for path, methods in document["paths"].items():
        for one in methods.values():
            described = {each["name"] for each in one["parameters"] if each["in"] == "path"}
            assert described == {part[1:-1] for part in path.split("/") if part.startswith("{")}, path
