"""`/roles`: forms that say what a role is, and never more than its form did."""

import pytest

from latchkey_kit.web.problems import Document, FieldError

ADMIN, REP, EMPTY = "4" * 32, "5" * 32, "6" * 32
SAM, RITA = "a" * 32, "b" * 32
MADE = "7" * 32


@pytest.fixture(autouse=True)
def _town(town):
    return town


async def test_roles_are_listed_with_what_they_are(browser):
    page = await browser.get("/roles")
    assert page.status == 200
    assert "Rep Own companies 1 data model None" in page.words
    assert "Admin Yours All companies 1 data model App Center, Settings" in page.words


async def test_a_role_is_made_of_what_the_form_says(browser, town):
    form = (await browser.get("/roles/new")).form("/roles")
    assert dict(form)["portfolio"] == "own"
    fields = [("name", "  Scout "), ("portfolio", "team"), ("audit", "1"), ("permissions", "company:view")]
    fields += [("permissions", "company.name:view"), ("permissions", "company.*:view")]
    fields += [("permissions", f"company.{field}:update") for field in ("address.city", "name")]
    fields += [("permissions", "company:update"), ("permissions", "company.arr:view")]
    fields += [("permissions", "company.address.city:view")]
    page = await browser.post("/roles", fields)
    assert (page.status, page.where) == (303, f"/roles/{MADE}?said=made")
    (sent,) = town.house.asked("permissions", "POST", "/v1/roles")
    assert sent.actor == "assertion-for-permissions"
    assert sent.body == {
        "name": "Scout",
        "portfolio": "team",
        "app_center": False,
        "settings": False,
        "audit": True,
        "permissions": {"company": {"view": "*", "update": ["address.city", "name"]}},
    }
    assert "The role is made." in (await browser.get(page.where)).words


async def test_a_form_that_nobody_touched_changes_nothing(browser, town):
    """A role that holds all but one field still does so when the catalogue gains one."""
    form = (await browser.get(f"/roles/{REP}")).form(f"/roles/{REP}")
    assert ("permissions", "company.address.city:update") in form
    assert ("permissions", "company.name:update") not in form
    page = await browser.post(f"/roles/{REP}", form)
    assert page.where == f"/roles/{REP}?said=saved"
    (sent,) = town.house.asked("permissions", "PATCH", f"/v1/roles/{REP}")
    assert sent.headers["If-Match"] == '"3"'
    assert sent.body["permissions"] == {"company": {"view": "*", "update": {"except": ["name"]}}}
    assert sent.body["name"] == "Rep"


async def test_what_goes_beyond_oneself_stands_beside_the_field_and_what_was_typed_stays(browser, town):
    errors = (
        FieldError(pointer="/permissions/company", message="Your own role does not hold Company: remove."),
        FieldError(pointer="/portfolio", message="The portfolio all is wider than that of your own role."),
    )
    no = Document(status=403, code="beyond_yourself", title="Nobody grants above themselves.", errors=errors)
    town.house.on("permissions", "POST", "/v1/roles", no)
    page = await browser.post(
        "/roles", [("name", "<b>More</b>"), ("portfolio", "all"), ("permissions", "company:remove")]
    )
    assert page.status == 403
    assert "Your own role does not hold Company: remove." in page.words
    assert 'id="portfolio-problem">The portfolio all' in page.text
    form = page.form("/roles")
    assert ("name", "<b>More</b>") in form
    assert ("permissions", "company:remove") in form
    assert "<b>More" not in page.text


async def test_a_name_that_is_taken_is_said_beside_the_name(browser, town):
    town.house.refuse("permissions", "PATCH", f"/v1/roles/{REP}", 409, "name_taken", "This name is taken.")
    page = await browser.post(f"/roles/{REP}", {"name": "Admin", "revision": "3"})
    assert page.status == 409
    assert 'aria-invalid="true" aria-describedby="name-problem"' in page.text


async def test_a_change_of_what_another_changed_shows_both_and_saves_when_asked_again(browser, town):
    form = (await browser.get(f"/roles/{REP}")).form(f"/roles/{REP}")
    town.roles[REP] |= {"revision": 4, "audit": True, "permissions": {"company": ["view", "remove"]}}
    page = await browser.post(f"/roles/{REP}", form)
    assert page.status == 412
    assert "Audit events: saved as included, not in your form" in page.words
    assert "Saved, and not ticked in your form: Company Remove companies" in page.words
    assert "Ticked in your form, and not saved: Company Update companies Update only City" in page.words
    assert (await browser.post(f"/roles/{REP}", page.form(f"/roles/{REP}"))).status == 303
    assert town.roles[REP]["audit"] is False
    assert town.roles[REP]["permissions"] == {"company": {"view": "*", "update": {"except": ["name"]}}}


async def test_ones_own_role_is_shown_and_not_to_be_changed(browser):
    page = await browser.get(f"/roles/{ADMIN}")
    assert "This is your own role." in page.words
    assert "Save role" not in page.words
    assert "Company View and update companies" in page.words
    assert "<input" not in page.text.partition("<main")[2].partition("Who has it")[0]


async def test_a_role_is_given_and_taken(browser, town):
    page = await browser.get(f"/roles/{EMPTY}")
    assert "Nobody has this role." in page.words
    assert "Carly (" not in page.words, "nobody gives themselves a role"
    given = await browser.post(f"/roles/{EMPTY}/people", {"user": RITA})
    assert given.where == f"/roles/{EMPTY}?said=given#people"
    assert town.had[RITA] == EMPTY
    assert "Somebody has it. Give them another role first." in (await browser.get(f"/roles/{EMPTY}")).words
    assert (await browser.post(f"/roles/{EMPTY}/people/{RITA}/remove")).status == 303
    assert RITA not in town.had


async def test_giving_it_to_nobody_is_said_beside_the_choice(browser):
    page = await browser.post(f"/roles/{EMPTY}/people", {"user": ""})
    assert page.status == 400
    assert 'id="user-problem">Choose somebody.' in page.text


async def test_a_role_that_nobody_has_is_removed_and_one_in_use_stays(browser, town):
    assert (await browser.post(f"/roles/{EMPTY}/remove")).where == "/roles?said=removed"
    assert EMPTY not in town.roles
    page = await browser.post(f"/roles/{REP}/remove")
    assert page.status == 409
    assert "Somebody has this role." in page.words


async def test_a_role_without_the_right_to_see_roles_is_told_which_right_it_lacks(browser, house):
    house.give({"member": ["view"]})
    for path in ("/roles", f"/roles/{REP}"):
        page = await browser.get(path)
        assert (page.status, "role:view" in page.words) == (403, True)
    house.give({"role": ["view"]})
    page = await browser.get(f"/roles/{REP}")
    assert "does not let you change it" in page.words
    assert "Save role" not in page.words
    assert "Give role" not in page.words


async def test_without_the_settings_flag_there_is_no_such_section(browser, house):
    house.give(settings=False)
    for path in ("/roles", "/roles/new", "/members"):
        assert (await browser.get(path)).status == 403
    assert house.asked("permissions", "GET", "/v1/roles") == []


@pytest.mark.parametrize("path", ["/roles/..%2F..%2Finternal", "/roles/nobody", "/members/..%2Froles"])
async def test_an_address_that_is_no_id_is_nobodys(browser, house, path):
    assert (await browser.get(path)).status == 404
    assert not [one for one in house.sent if "internal" in one.path and one.method == "GET"]


async def test_a_form_of_another_session_does_nothing(browser, town):
    page = await browser.post(f"/roles/{EMPTY}/remove", {"csrf": "another"})
    assert page.status == 403
    assert EMPTY in town.roles
