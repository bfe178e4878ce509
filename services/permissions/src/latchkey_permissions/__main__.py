"""`latchkey-permissions`."""

from latchkey_kit import service
from latchkey_permissions.app import running
from latchkey_permissions.settings import Settings

DEFINITION = service.Definition(name="permissions", settings=Settings, running=running, package="latchkey_permissions")


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
