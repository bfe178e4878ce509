"""What the walks by keyboard alone promise is watched by the browser itself."""

import pytest

from latchkey_kit.testing import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def at_sign_in(visit):
    visitor = await visit()
    await visitor.by_keyboard_alone()
    await visitor.go("/login")
    return visitor


async def test_keys_are_no_complaint(visit):
    visitor = await at_sign_in(visit)
    await visitor.tab_to("E-mail address")
    await visitor.page.keyboard.type("mia@acme.test")
    await visitor.tab_to("Forgot your password?")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**/password")
    assert visitor.complaints == []


@pytest.mark.parametrize("cheat", ["click", "fill"])
async def test_whoever_takes_the_hand_off_the_keyboard_is_found_out(visit, cheat):
    visitor = await at_sign_in(visit)
    field = visitor.page.locator("#email")
    if cheat == "fill":
        await field.fill("mia@acme.test")
    else:
        await field.click()
    await eventually(lambda: any("not by keyboard" in said for said in visitor.complaints))
    await visitor.leave()
    visitor.complaints.clear()
