"""``python -m latchkey_local.event_docs page|asyncapi|samples <folder of golden samples>``; `make docs` calls it."""

import sys
from pathlib import Path

from latchkey_local.event_docs import asyncapi, page, samples


def main(what: str, folder: str) -> None:
    golden = Path(folder)
    match what:
        case "page":
            sys.stdout.write(page.page(golden))
        case "asyncapi":
            sys.stdout.write(asyncapi.text(golden))
        case "samples":
            for path in samples.write_missing(golden):
                sys.stderr.write(f"new sample: {path}\n")
        case _:
            sys.exit(f"{what}: page, asyncapi or samples")


if __name__ == "__main__":
    main(*sys.argv[1:3])
