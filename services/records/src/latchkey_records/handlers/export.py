"""`GET /v1/<route>/export`: all records that match, as one stream of CSV or NDJSON."""

import structlog
from aiohttp import hdrs, web

from latchkey_kit.web.exporting import attachment, break_off, send
from latchkey_records.domain.kinds import Kind
from latchkey_records.exports import Exports, Plan
from latchkey_records.handlers.door import Door
from latchkey_records.handlers.query import parameters_of

log = structlog.get_logger()


class Export:
    """An export that ends without the end of its body was cut off: its connection died, or something broke."""

    def __init__(self, kind: Kind, exports: Exports, door: Door) -> None:
        self._kind = kind
        self._exports = exports
        self._door = door

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = None
        try:
            async with self._door.entered(request) as (bearer, effective):
                plan = self._exports.plan(bearer, effective, self._kind, parameters_of(request, self._kind))
                if request.method == hdrs.METH_HEAD:
                    return _answer(plan)
                async with self._exports.open(plan) as pieces, self._door.while_alive(bearer):
                    response = _answer(plan)
                    await response.prepare(request)
                    await send(response, pieces)
                    return response
        except Exception as error:
            if response is None:
                raise
            log.warning("export_cut", model=self._kind.name, reason=type(error).__name__)
            break_off(request)
            return response


def _answer(plan: Plan) -> web.StreamResponse:
    return attachment(plan.task.kind.route, plan.form)
