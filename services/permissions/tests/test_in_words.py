"""What a set of permissions, or a grant, says on the consent page; and what of a grant is new."""

import pytest

from latchkey_contracts.requests.console import DocumentsInWords, LinesOf, RolesOf
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_policy.names import ACTIONS


@pytest.fixture
def lines_of(house):
    async def ask(permissions):
        return await house.caller("console").ask(LinesOf(permissions=permissions))

    return ask


@pytest.fixture
def in_words(house):
    async def ask(*documents, tenant=house.acme):
        return (await house.caller("console").ask(DocumentsInWords(tenant=tenant, documents=documents))).documents

    return ask


@pytest.fixture
async def sam(house):
    await house.ceiling({"company": ACTIONS, "asset": ACTIONS})
    await house.assign(await house.role({"company": ACTIONS, "asset": ACTIONS}))
    return house


async def test_a_preview_says_what_the_consent_page_will_say(sam, lines_of):
    wanted = {"company": {"view": ("name",), "update": "*"}, "asset": ("view", "remove")}
    preview = await lines_of(wanted)
    await sam.ceiling(wanted)
    granted = await sam.resolve("inclusive")
    assert preview.lines == granted.lines
    assert preview.scope == granted.scope == ("asset:remove", "asset:view", "company:update", "company:view")
    assert [line.title for line in preview.lines] == ["Asset", "Company"], "the strongest first"
    assert preview.lines[1].details == ("View only Name",)


async def test_the_scope_of_a_preview_asks_for_just_that(sam, lines_of):
    wanted = {"company": {"view": ("arr",), "update": {"except": ("arr",)}}}
    preview = await lines_of(wanted)
    await sam.ceiling(wanted)
    asked, all_of_it = await sam.resolve(" ".join(preview.scope)), await sam.resolve("default")
    assert asked.document == all_of_it.document


async def test_a_preview_of_nothing_has_no_lines(lines_of):
    for nothing in ({}, {"company": ()}, {"company": {"view": ()}}):
        preview = await lines_of(nothing)
        assert (preview.lines, preview.scope) == ((), ())


@pytest.mark.parametrize(
    ("permissions", "pointer"),
    [
        ({"planet": ("view",)}, "/permissions/planet"),
        ({"company": ("view", "fly")}, "/permissions/company/1"),
        ({"company": {"view": ("colour",)}}, "/permissions/company/view/0"),
        ({"company": {"update": ("arr",)}}, "/permissions/company/update/0"),
        ({"company": {"remove": ("name",)}}, "/permissions/company/remove"),
    ],
)
async def test_a_preview_of_what_does_not_exist_names_it(lines_of, permissions, pointer):
    with pytest.raises(PeerRefused) as refused:
        await lines_of(permissions)
    problem = refused.value.problem
    assert (problem.status, [error.pointer for error in problem.errors]) == (400, [pointer])


async def test_a_grant_reads_as_it_did_at_consent(sam, in_words):
    first, second = await sam.resolve("company:view"), await sam.resolve("asset:view company.name:update")
    told = await in_words(first.document, second.document)
    assert told == {first.document: first.lines, second.document: second.lines}


async def test_a_grant_keeps_its_words_whatever_the_role_is_now(sam, in_words):
    granted = await sam.resolve("inclusive")
    await sam.ceiling({})
    await sam.assign(await sam.role({}, name="Nobody"))
    assert (await in_words(granted.document))[granted.document] == granted.lines


async def test_grants_of_other_tenants_and_unknown_ones_are_left_out(sam, in_words):
    granted = await sam.resolve("company:view")
    assert await in_words(granted.document, tenant=sam.globex) == {}
    assert list(await in_words("0" * 64, granted.document)) == [granted.document]
    assert await in_words() == {}


async def test_a_model_that_is_gone_is_told_no_more(sam, in_words, models):
    granted = await sam.resolve("company:view asset:view")
    await sam.register(*models[:2])
    told = (await in_words(granted.document))[granted.document]
    assert [line.title for line in told] == ["Company"]


async def test_only_the_console_asks_for_words(house):
    asks = (
        LinesOf(permissions={}), DocumentsInWords(tenant=house.acme, documents=()),
        RolesOf(tenant=house.acme, users=()),
    )  # fmt: skip
    for ask in asks:
        for caller in ("auth", "records"):
            with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
                await house.caller(caller).ask(ask)


async def test_roles_are_told_by_user_and_tenant(house):
    rep = await house.role({}, name="Rep")
    admin = await house.role({}, name="Admin")
    foreign = await house.role({}, name="Admin", tenant=house.globex)
    await house.assign(rep, house.sam)
    await house.assign(admin, house.carly)
    await house.assign(foreign, house.sam, house.globex)

    async def roles_of(*users, tenant=house.acme):
        found = (await house.caller("console").ask(RolesOf(tenant=tenant, users=users))).roles
        return {user: (role.id, role.name) for user, role in found.items()}

    assert await roles_of(house.sam, house.carly, house.kim) == {
        house.sam: (rep, "Rep"), house.carly: (admin, "Admin")
    }  # fmt: skip
    assert await roles_of(house.sam, tenant=house.globex) == {house.sam: (foreign, "Admin")}
    assert await roles_of() == {}


def marked(found):
    return {line.title: line.new for line in found.lines}


async def test_nothing_is_new_where_nothing_stood(sam):
    assert marked(await sam.resolve("company:view asset:view")) == {"Company": False, "Asset": False}


async def test_the_same_grant_again_or_less_of_it_is_not_new(sam):
    before = (await sam.resolve("company:view company:update asset:view")).document
    for scope in ("company:view company:update asset:view", "company:view", "company.name:update asset.name:view"):
        found = await sam.resolve(scope, before=before)
        assert not any(marked(found).values()), scope


async def test_another_model_action_or_field_is_new_on_its_line_only(sam):
    before = (await sam.resolve("company.name:view asset:view")).document
    for more in ("company:view", "company.arr:view", "company:remove"):
        found = await sam.resolve(f"company.name:view asset:view {more}", before=before)
        assert marked(found) == {"Company": True, "Asset": False}, more
    before = (await sam.resolve("company:view")).document
    assert marked(await sam.resolve("company:view asset:view", before=before)) == {"Company": False, "Asset": True}


async def test_a_mark_changes_nothing_else_of_the_answer(sam):
    before = (await sam.resolve("company:view")).document
    plain, marked_one = await sam.resolve("inclusive"), await sam.resolve("inclusive", before=before)
    assert (plain.document, plain.scope) == (marked_one.document, marked_one.scope)
    assert [line.sentence for line in plain.lines] == [line.sentence for line in marked_one.lines]


async def test_a_field_that_the_catalogue_gained_since_is_new(sam, models):
    before = (await sam.resolve("company:view")).document
    company = models[0] | {"fields": [*models[0]["fields"], {"name": "notes", "type": "text", "title": "Notes"}]}
    await sam.register(company, *models[1:])
    assert marked(await sam.resolve("company:view", before=before)) == {"Company": True}


@pytest.mark.parametrize(
    ("was", "now", "new"),
    [("own", "all", True), ("own", "team", True), ("own", "listed", True), ("listed", "team", True),
     ("all", "own", False), ("all", "listed", False), ("team", "own", False), ("own", "own", False)],
)  # fmt: skip
async def test_a_wider_portfolio_makes_all_of_it_new(sam, was, now, new):
    await sam.role({"company": ACTIONS, "asset": ACTIONS}, portfolio=was)
    before = (await sam.resolve("company:view asset:view")).document
    await sam.role({"company": ACTIONS, "asset": ACTIONS}, portfolio=now)
    found = await sam.resolve("company:view asset:view", before=before)
    assert marked(found) == {"Company": new, "Asset": new}


async def test_all_is_new_beside_a_grant_that_nobody_knows(sam):
    foreign = "0" * 64
    assert marked(await sam.resolve("company:view asset:view", before=foreign)) == {"Company": True, "Asset": True}


async def test_a_grant_of_another_tenant_hides_nothing(sam):
    await sam.assign(await sam.role({"company": ACTIONS}, tenant=sam.globex), sam.sam, sam.globex)
    elsewhere = (await sam.resolve("company:view", tenant=sam.globex)).document
    await sam.assign(await sam.role({"company": ACTIONS}, portfolio="own"))
    there = (await sam.resolve("company:view")).document
    assert elsewhere == there, "the same words, so the same digest"
    await sam.ceiling({"company": ("view",)})
    assert marked(await sam.resolve("company:view", before=there)) == {"Company": False}


async def test_what_the_user_leaves_out_is_not_new(sam):
    await sam.ceiling({}, dynamic=True)
    before = (await sam.resolve("company:view")).document
    found = await sam.resolve("company:view company:update", chosen=("company:view",), before=before)
    assert marked(found) == {"Company": False}


@pytest.mark.parametrize("before", ["x", "", "0" * 63, "A" * 64])
async def test_a_malformed_digest_is_a_problem(sam, before):
    with pytest.raises(PeerRefused) as refused:
        await sam.resolve("company:view", before=before)
    assert refused.value.problem.errors[0].pointer == "/before"
