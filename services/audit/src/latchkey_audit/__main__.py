"""``latchkey-audit serve | migrate | config | streams-config | checkpoints``."""

from latchkey_audit.app import running
from latchkey_audit.settings import Settings, StreamOfCheckpoints, StreamsConfig
from latchkey_audit.streams import reading_anchor, server_config
from latchkey_kit import service

DEFINITION = service.Definition(name="audit", settings=Settings, running=running, package="latchkey_audit")
PRINTS = (
    service.Printed(
        verb="streams-config",
        about="print the configuration of the NATS server for customers' consumers; it holds no secret",
        settings=StreamsConfig,
        text=server_config.printed,
    ),
    service.Printed(
        verb="checkpoints",
        about="print the signed checkpoints that the streams server holds, for `latchkey audit verify --checkpoints`",
        settings=StreamOfCheckpoints,
        text=reading_anchor.printed,
    ),
)


def main() -> None:
    service.main(DEFINITION, prints=PRINTS)


if __name__ == "__main__":
    main()
