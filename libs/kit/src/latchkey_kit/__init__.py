"""Plumbing that every Latchkey service stands on."""

import sys

# structlog would load rich where it is installed, for looks that we never use: a tenth of a service's start.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # None: importing it fails
