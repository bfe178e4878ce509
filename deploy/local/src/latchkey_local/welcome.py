"""What is said when everything is up."""

from latchkey_local.files import read_json
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.terminal import say


def welcome(home: Home) -> None:
    """Print where things are and what to do next."""
    stack, demo = read_json(home.stack), read_json(home.demo)
    users = demo.get("users", {})
    say(f"Latchkey is up at {stack['origin']}\n")
    say(f"  MCP server   {stack['mcp_url']}")
    say(f"  metadata     {stack['origin']}/.well-known/oauth-authorization-server")
    for number, (email, user) in enumerate(users.items()):
        roles = ", ".join(f"{role} in {tenant}" for tenant, role in user.get("roles", {}).items())
        say(f"  {'sign in as' if number == 0 else '':<11}  {email:<20} {user.get('password', '')}  {roles}".rstrip())
    say(f"  demo data    {_short(home, 'demo.json')}: users, clients and their secrets")
    say(f"  logs         {_short(home, 'logs')}, or `make logs`")
    say("\nNext: `make demo` walks through everything; `make status`, `make down`.")


def _short(home: Home, name: str) -> str:
    path = home.path / name
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)
