"""`latchkey-audit`."""

from latchkey_audit.app import running
from latchkey_audit.settings import Settings
from latchkey_kit import service

DEFINITION = service.Definition(name="audit", settings=Settings, running=running, package="latchkey_audit")


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
