"""People who join acme by its pages: a plain member, and one who may open every part of it and change nothing."""

from dataclasses import dataclass

from visitors import House, Visitor

PASSWORD = "a password of their own"


@dataclass(frozen=True)
class Newcomer:
    """``sections`` of the console, and what is ticked in the matrix, that their role has."""

    email: str
    name: str
    role: str
    sections: tuple[str, ...]
    permissions: tuple[str, ...]


MEMBER = Newcomer("mia@acme.test", "Mia Berg", "Member", (), ("company:view",))
READER = Newcomer(
    "ravi@acme.test", "Ravi Shah", "Reader", ("app_center", "settings", "audit"),
    ("company:view", "oauthclient:view", "role:view"),
)  # fmt: skip


async def join(house: House, admin: Visitor, stranger: Visitor, who: Newcomer) -> list[str]:
    """The admin makes a role and an invitation, and a stranger takes it; gives what is wrong with the pages of that."""
    wrong = []
    page = admin.page
    await admin.go("/roles/new")
    await page.fill("#name", who.role)
    for name in who.sections:
        await page.locator(f'input[name="{name}"]').check()
    for value in who.permissions:
        await page.locator(f'.whole[value="{value}"]').check()
    await page.get_by_role("button", name="Create role").click()
    await page.get_by_text("The role is made.").wait_for()
    await admin.go("/members")
    await page.fill("#email", who.email)
    await page.select_option("#role", label=who.role)
    await page.get_by_role("button", name="Make invitation").click()
    link = await page.input_value("#made-link")
    wrong += await admin.inspect("an invitation that was made")

    page = stranger.page
    await stranger.go(link)
    wrong += await stranger.inspect("an invitation")
    await page.fill("#name", who.name)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Join").click()
    first = "/apps" if "app_center" in who.sections else "/profile/applications"
    await page.wait_for_url(f"**{first}?said=joined")
    house.demo["users"][who.email] = {"password": PASSWORD}
    return wrong
