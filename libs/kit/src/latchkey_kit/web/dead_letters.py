"""The operator looks at dead letters and has them applied again: routes for every service with an inbox."""

from aiohttp import web

from latchkey_contracts.requests.dead_letters import (
    DeadLetter,
    DeadLetterList,
    DeadLetterPage,
    DeadLetterRetry,
    Retried,
)
from latchkey_kit.messaging.dead_letters import PAGE, DeadLetters, NoSuchLetterError
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_kit.web.routes import Route, asked


def dead_letter_routes(letters: DeadLetters) -> tuple[Route, ...]:
    """Routes of the internal port, for the operator only."""
    handlers = _Handlers(letters)
    return (
        asked(DeadLetterList.path, handlers.list, by={"operator"}),
        asked(DeadLetterRetry.path, handlers.retry, by={"operator"}),
    )


class _Handlers:
    def __init__(self, letters: DeadLetters) -> None:
        self._letters = letters

    async def list(self, request: web.Request) -> web.Response:
        question = await json_body(request, DeadLetterList)
        found = tuple(DeadLetter(**row) for row in await self._letters.page(question.after))
        return answer(DeadLetterPage(letters=found, next=found[-1].id if len(found) == PAGE else None))

    async def retry(self, request: web.Request) -> web.Response:
        question = await json_body(request, DeadLetterRetry)
        try:
            return answer(Retried(reason=await self._letters.retry(question.id)))
        except NoSuchLetterError:
            raise not_found("There is no such dead letter; somebody may have applied it meanwhile.") from None
