"""Roles and members of a workspace."""

from latchkey_console.desk import AtDesk
from latchkey_console.parts import Parts
from latchkey_console.people.holders import Holders
from latchkey_console.people.member import MemberPages
from latchkey_console.people.members import MembersPages
from latchkey_console.people.roles import RolePages
from latchkey_console.people.teams import TeamPages
from latchkey_kit.web.routes import Route, page


def routes(parts: Parts) -> tuple[Route, ...]:
    roles, members, member = RolePages(parts), MembersPages(parts), MemberPages(parts)
    teams = TeamPages(parts)
    holders = Holders(roles, parts.pages)

    def ours(method: str, path: str, handler: AtDesk) -> Route:
        return page(method, path, parts.desks.signed_in(handler, "settings"))

    return (
        ours("GET", "/roles", roles.list),
        ours("POST", "/roles", roles.create),
        ours("GET", "/roles/new", roles.new),
        ours("GET", "/roles/teams", teams.list),
        ours("POST", "/roles/teams", teams.create),
        ours("GET", "/roles/teams/{team}", teams.show),
        ours("POST", "/roles/teams/{team}", teams.save),
        ours("POST", "/roles/teams/{team}/remove", teams.remove),
        ours("GET", "/roles/{role}", roles.show),
        ours("POST", "/roles/{role}", roles.save),
        ours("POST", "/roles/{role}/remove", roles.remove),
        ours("POST", "/roles/{role}/people", holders.give),
        ours("POST", "/roles/{role}/people/{user}/remove", holders.take),
        ours("GET", "/members", members.list),
        ours("POST", "/members/invitations", members.invite),
        ours("POST", "/members/invitations/{invitation}/withdraw", members.withdraw),
        ours("GET", "/members/{user}", member.show),
        ours("POST", "/members/{user}/role", member.change_role),
        ours("POST", "/members/{user}/password-link", member.password_link),
        ours("POST", "/members/{user}/remove", member.remove),
    )
