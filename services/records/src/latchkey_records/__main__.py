"""`latchkey-records`."""

from latchkey_kit import service
from latchkey_records.app import running
from latchkey_records.settings import Settings

DEFINITION = service.Definition(name="records", settings=Settings, running=running, package="latchkey_records")


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
