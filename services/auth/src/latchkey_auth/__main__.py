"""`latchkey-auth`."""

from latchkey_auth.app import running
from latchkey_auth.settings import Settings
from latchkey_kit import service

DEFINITION = service.Definition(name="auth", settings=Settings, running=running, package="latchkey_auth")


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
