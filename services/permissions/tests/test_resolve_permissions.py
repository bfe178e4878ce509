import pytest

from latchkey_kit.requests import PeerRefused
from latchkey_policy.effective import GrantDocument
from latchkey_policy.names import ACTIONS
from latchkey_policy.portfolio import Portfolio


@pytest.fixture
async def sam(house):
    """Sam has role Company + End user; the client may at most do Company + Asset."""
    await house.ceiling({"company": ACTIONS, "asset": ACTIONS})
    await house.assign(await house.role({"company": ACTIONS, "enduser": ACTIONS}))
    return house


@pytest.mark.parametrize("scope", ["inclusive", "*", None, "", "offline_access openid", "company:view inclusive"])
async def test_inclusive_grants_what_client_and_role_share(sam, scope):
    found = await sam.resolve(scope)
    assert found.refusal is None
    assert found.scope == tuple(f"company:{action}" for action in sorted(ACTIONS))
    (line,) = found.lines
    assert (line.title, line.sentence, line.strong) == (
        "Company", "View, create, update, remove and export companys", True,
    )  # fmt: skip


async def test_default_is_refused_where_inclusive_passes_and_says_what_is_missing(sam):
    for found in (await sam.resolve("default"), await sam.resolve(None, "default")):
        assert (found.refusal, found.document) == ("missing", None)
        assert found.named == ("Asset: create, view, update, remove, export",)


async def test_default_grants_the_whole_ceiling_to_a_role_that_has_it(sam):
    await sam.ceiling({"company": ("view", "update")})
    found = await sam.resolve(None, "default")
    assert found.scope == ("company:update", "company:view")


async def test_listed_words_add_up(sam):
    found = await sam.resolve("company:view company.name:update asset:view")
    assert found.scope == ("company:update", "company:view")
    rights = await sam.rights(found.document)
    granted = GrantDocument.decode(bytes(rights.document)).permissions
    assert granted.plain() == {"company": {"update": ["name"], "view": ["arr", "name"]}}


async def test_one_field_of_many_is_told_on_the_consent_page(sam):
    found = await sam.resolve("company.name:view")
    assert found.lines[0].details == ("View only Name",)


@pytest.mark.parametrize("word", ["planet:view", "company:fly", "company.colour:view", "company.arr:remove", "a\n:b"])
async def test_unknown_scope_word_is_named(sam, word):
    found = await sam.resolve(f"company:view {word}")
    assert found.refusal == "unknown_scope"
    assert found.named == (word.split()[-1],)


async def test_nothing_in_common_is_refused(sam):
    await sam.ceiling({"asset": ("view",)})
    for scope in ("inclusive", "*", "company:view"):
        assert (await sam.resolve(scope)).refusal == "nothing"


async def test_without_role_or_ceiling_there_is_nothing(sam):
    assert (await sam.resolve("inclusive", user=sam.carly)).refusal == "nothing"
    assert (await sam.resolve("inclusive", tenant=sam.globex)).refusal == "nothing"
    assert (await sam.resolve("inclusive", client="f" * 32)).refusal == "nothing"


async def test_the_document_holds_the_portfolio_of_the_role_and_no_field_of_tomorrow(sam, models):
    found = await sam.resolve("inclusive")
    await sam.assign(await sam.role({"company": ACTIONS}, name="Boss", portfolio="all"))
    company = models[0] | {"fields": [*models[0]["fields"], {"name": "notes", "type": "text", "title": "Notes"}]}
    await sam.register(company, *models[1:])
    rights = await sam.rights(found.document)
    document = GrantDocument.decode(bytes(rights.document))
    assert (document.portfolio, rights.portfolio) == (Portfolio.OWN, "all")
    assert not document.permissions.allows_field("company", "notes", "view")
    assert document.digest().hex() == found.document


async def test_the_same_grant_again_is_the_same_document(sam):
    assert (await sam.resolve("inclusive")).document == (await sam.resolve("*")).document


@pytest.mark.parametrize(
    "change",
    [{"user": "nobody"}, {"tenant": "a" * 32 + "\n"}, {"client": 7}, {"default": "everything"}, {"scope": ["a"]}],
)
async def test_a_malformed_request_is_a_problem_that_names_the_member(sam, change):
    with pytest.raises(PeerRefused) as refused:
        await sam.resolve(**({"scope": None} | change))
    assert refused.value.problem.status == 400
    assert refused.value.problem.errors[0].pointer == f"/{next(iter(change))}"
