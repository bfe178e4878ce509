"""The permission matrix under somebody's hands: parents, fields, what comes along, undo, saving; and disconnecting."""

import re

import pytest
from asking import asking, listening, make_client
from playwright.async_api import expect
from visitors import quiet

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMIN = "carly@acme.test"
STEPS = 120
BOXES = "#permissions-matrix tbody.model input"
LOOK = """
    boxes => Object.fromEntries([...document.querySelectorAll("#permissions-matrix tbody.model")].map(body => [
        body.dataset.title,
        Object.fromEntries([...body.querySelectorAll(".whole")].map(whole => [whole.dataset.action, {
            on: whole.checked, half: whole.indeterminate,
            fields: Object.fromEntries([...body.querySelectorAll(`.leaf[data-action="${whole.dataset.action}"]`)]
                .map(leaf => [leaf.dataset.field, leaf.checked])),
        }])),
    ]))
"""


async def new_client(house, **given):
    made = await make_client(house, ["http://127.0.0.1/callback"], **given)
    return made["client_id"]


async def at_permissions(visit, client, **context):
    visitor = await visit(ADMIN, **context)
    await visitor.go(f"/apps/{client}?tab=permissions")
    return visitor, visitor.page


def wrong(matrix):
    """What a state of the matrix contradicts itself in."""
    for model, actions in matrix.items():
        for action, box in actions.items():
            fields = box["fields"]
            own = [on for name, on in fields.items() if name != "*"]
            if fields and (box["on"] is not any(own) or box["half"] is not (any(own) and not all(fields.values()))):
                yield f"{action} {model} is not what its fields are"
        if "view" not in actions:
            continue
        view = actions["view"]
        if any(actions[one]["on"] for one in ("update", "remove", "export") if one in actions) and not view["on"]:
            yield f"{model} can be changed and not viewed"
        for name, on in actions.get("update", {"fields": {}})["fields"].items():
            if on and not view["fields"][name]:
                yield f"{name} of {model} can be updated and not viewed"


async def test_whatever_is_clicked_parents_fields_and_view_agree(visit, house):
    _, page = await at_permissions(visit, await new_client(house))
    for summary in await page.locator("#permissions-matrix summary").all():
        await summary.click()
    before = await page.evaluate(LOOK)
    assert list(wrong(before)) == []
    number = await page.locator(BOXES).count()
    for step in range(STEPS):
        await page.evaluate(
            "([boxes, place]) => { const all = [...document.querySelectorAll(boxes)].filter((box) => !box.disabled);"
            " all[place % all.length].click(); }",
            [BOXES, step * 7919 + step * step * 31],
        )
        after = await page.evaluate(LOOK)
        assert list(wrong(after)) == [], f"step {step}"
        assert (await page.locator("#permissions-matrix [data-undo]").is_hidden()) or after != before
        before = after
    assert await page.locator(BOXES).count() == number
    assert await page.locator(".save-bar").is_visible()


async def test_rows_and_columns_at_once_can_be_taken_back(visit, house):
    _, page = await at_permissions(visit, await new_client(house))
    before = await page.evaluate(LOOK)
    for name in ("All Export", "All of Task"):
        await page.get_by_role("button", name=name, exact=True).click()
        assert await page.evaluate(LOOK) != before
        await page.get_by_role("button", name="Undo", exact=True).click()
        assert await page.evaluate(LOOK) == before
    assert await page.locator(".save-bar").is_hidden()


async def test_permissions_are_changed_by_keyboard_alone(visit, house):
    client = await new_client(house)
    visitor = await visit(ADMIN)
    await visitor.by_keyboard_alone()
    await visitor.go(f"/apps/{client}?tab=permissions")
    page = visitor.page
    await visitor.tab_to("Update Asset", exact=True)
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.value") == "company:remove"
    await page.keyboard.press("Space")
    preview = page.locator("aside", has_text="When you save")
    await preview.get_by_text("Remove companies").first.wait_for()
    assert "2 unsaved changes" in await page.locator(".save-bar").inner_text()
    assert await visitor.inspect("edited permissions") == []
    await visitor.tab_to("Save changes")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "Saved" in await page.locator("#status").inner_text()
    assert await page.get_by_label("Remove Company", exact=True).is_checked()
    assert await page.get_by_label("Update Asset", exact=True).is_checked()


async def test_boxes_alone_are_enough_without_script(visit, house):
    client = await new_client(house, permissions={"company": ["view"]})
    _, page = await at_permissions(visit, client, java_script_enabled=False)
    await page.locator("summary", has_text="fields of Company").click()
    assert not await page.get_by_label("Update Phase of Company", exact=True).is_visible()
    await page.get_by_label("Update Company", exact=True).check()
    await page.get_by_label("Update Phase of Company", exact=True).uncheck()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save changes").last.click()
    assert await page.get_by_label("Update Company", exact=True).is_checked()
    await page.locator("summary", has_text="fields of Company").click()
    assert not await page.get_by_label("Update Phase of Company", exact=True).is_checked()
    assert await page.get_by_label("Update Name of Company", exact=True).is_checked()


async def test_somebody_is_disconnected_by_keyboard_alone_and_then_stands_among_the_ended_ones(visit, house):
    client = await new_client(house)
    visitor = await visit(ADMIN)
    async with listening() as (port, came):
        await visitor.go(asking(house, client, f"http://127.0.0.1:{port}/callback").url)
        await visitor.page.get_by_role("button", name="Authorize", exact=True).click()
        await came.get()
        await quiet(visitor.page)
    page = visitor.page
    visitor.complaints.clear()  # of the browser: the program's page has no icon
    await visitor.by_keyboard_alone()
    await visitor.go(f"/apps/{client}?tab=connections")
    row = page.locator("#connections tbody tr")
    await row.wait_for()
    assert await visitor.inspect("connections of an app") == []
    await visitor.tab_to("Disconnect Carly")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(":focus")).to_contain_text("The connection has ended.")
    await expect(row).to_have_count(0)
    for address in (f"/apps/{client}?tab=connections", f"/apps/{client}/connections"):
        await visitor.go(address)
        await page.locator("#connections").wait_for()
        await visitor.tab_to("Ended ones")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"[?&]ended=1$"))
        await page.reload()  # the address is one to be passed on
        await expect(row).to_contain_text("Disconnected by an admin")
        assert await visitor.inspect("connections that have ended") == []
    await quiet(page)
