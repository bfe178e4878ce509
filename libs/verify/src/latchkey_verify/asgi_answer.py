"""What an ASGI application says on its way to the server: let through while its bearer may be served."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from latchkey_verify.cut import Cut

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Answer:
    """``safe``: nothing was changed, so the bearer is looked at before the first byte, too, and not only on a stream.

    ``started`` once anything was let through: from then on nobody else can answer.
    """

    def __init__(self, send: Send, *, safe: bool) -> None:
        self.safe = safe
        self.started = False
        self._send = send
        self._streams = False

    def sending(self, cut: Cut) -> Send:
        """Make the ``send`` that the application is given."""

        async def send(message: Message) -> None:
            if self.safe or self._streams:
                await cut.checkpoint()
            if message["type"] == "http.response.body" and message.get("more_body", False):
                self._streams = True
                cut.arm()
            self.started = True
            await self._send(message)

        return send
