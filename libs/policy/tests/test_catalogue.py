import msgspec
import pytest

from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.errors import CatalogueError

NAME = Field("name", "text", "Name")
COMPANY = Model(
    name="company", route="companies", title="Company", plural="companies", actions=("view",), fields=(NAME,)
)


def company(**changes):
    return msgspec.structs.replace(COMPANY, **changes)


def test_models_are_found_by_name_and_by_route():
    task = company(name="task", route="tasks")
    catalogue = Catalogue([task, COMPANY])
    assert catalogue.by_name["company"] is catalogue.by_route["companies"] is COMPANY
    assert list(catalogue) == [COMPANY, task]
    assert len(catalogue) == 2


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        ([COMPANY, company(route="firms")], "Two models are called company."),
        ([COMPANY, company(name="firm")], "company and firm both claim route companies."),
        ([company(name="Company")], "Illegal model name: Company."),
        ([company(name="a" * 65)], "Illegal model name"),
        ([company(route="a/b")], "Model company has an illegal route: a/b."),
        ([company(plural=" ")], "Model company needs a title and a plural."),
        ([company(actions=("view", "fly"))], "Model company has an unknown action: fly."),
        ([company(actions=())], "Model company must list at least one action"),
        ([company(actions=("view", "view"))], "each just once"),
        ([company(fields=(NAME, NAME))], "Model company has two fields called name."),
        ([company(fields=(Field("a.", "text", "A"),))], "Model company has an illegal field name: a.."),
        ([company(fields=(Field("a\n", "text", "A"),))], "Model company has an illegal field name: a?."),
        ([company(fields=(Field("a", "Text", "A"),))], "Field company.a has an illegal type: Text."),
        (
            [company(fields=(Field("a", "object", "A"), Field("a.b.c", "text", "C")))],
            "Field company.a.b.c lies inside another field, a: list leaves only.",
        ),
    ],
)
def test_a_model_that_cannot_be_registered_is_refused_in_one_sentence(models, sentence):
    with pytest.raises(CatalogueError) as refusal:
        Catalogue(models)
    assert sentence in str(refusal.value)


def test_models_travel_as_json():
    assert msgspec.json.decode(msgspec.json.encode([COMPANY]), type=list[Model]) == [COMPANY]
