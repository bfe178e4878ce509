"""A trouble that lasts: a line in the log when it begins or changes, not each time it is met."""

from typing import Any

import structlog

log = structlog.get_logger()


class Trouble:
    """``event`` is the name of the line, ``about`` what stands in it besides the ``reason``."""

    def __init__(self, event: str, **about: Any) -> None:
        self._event = event
        self._about = about
        self._reason = ""

    def tell(self, reason: str) -> None:
        if reason != self._reason:
            self._reason = reason
            log.warning(self._event, reason=reason, **self._about)

    def over(self) -> None:
        """From now on the same reason is news again."""
        self._reason = ""
