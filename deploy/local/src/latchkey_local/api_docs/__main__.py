"""``python -m latchkey_local.api_docs``; `make docs` calls it."""

import sys

from latchkey_local.api_docs import openapi

if __name__ == "__main__":
    sys.stdout.write(openapi.text())
