"""The door for the MCP server: it hands on the access token, which is verified here for the MCP audience."""

import msgspec
from aiohttp import web

from latchkey_contracts.requests.records import (
    Described,
    ModelDescription,
    Performed,
    RecordsDescribe,
    RecordsPerform,
)
from latchkey_contracts.requests.records import Operation as OperationDescription
from latchkey_kit.telemetry import facts
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import Problem, not_found
from latchkey_oauth.challenge import INVALID_TOKEN
from latchkey_records.domain import schemas
from latchkey_records.domain.catalogue import BY_ROUTE, KINDS
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.parameters import NEEDS, Operation, is_operation
from latchkey_records.operations import Operations
from latchkey_verify import Bearer, Effective, InvalidToken, Verifier
from latchkey_verify.lacking import LackingRight
from latchkey_verify.refused import RefusedAccess


class Assistant:
    """``audience`` is the MCP endpoint's, by exact value: a token for the REST API alone is refused."""

    def __init__(self, operations: Operations, verifier: Verifier, audience: str, refused: RefusedAccess) -> None:
        self._operations = operations
        self._verifier = verifier
        self._audience = audience
        self._refused = refused

    async def perform(self, request: web.Request) -> web.Response:
        """``records.perform``: a refusal is told inside the answer, with the status that REST would have."""
        asked = await json_body(request, RecordsPerform)
        try:
            return answer(await self._perform(asked))
        except Problem as problem:
            return answer(_told(problem))

    async def describe(self, request: web.Request) -> web.Response:
        """``records.describe``: 401 for a bad token."""
        asked = await json_body(request, RecordsDescribe)
        _, effective = await self._admit(asked.access_token)
        described = (_describe(kind, effective) for kind in KINDS)
        models = tuple(model for model in described if any(one.allowed for one in model.operations))
        return answer(Described(models=models))

    async def _perform(self, asked: RecordsPerform) -> Performed:
        bearer, effective = await self._admit(asked.access_token)
        kind = BY_ROUTE.get(asked.model_route)
        if kind is None:
            raise not_found("There is no such model route.")
        if not is_operation(asked.operation):
            exporting = f" An export is a file: GET /v1/{kind.route}/export." if asked.operation == "export" else ""
            raise not_found(f"There is no such operation: choose one of {', '.join(NEEDS)}.{exporting}")
        try:
            result = await self._operations.perform(bearer, effective, kind, asked.operation, asked.parameters)
        except InvalidToken as error:
            raise _bad_token(error) from None
        except LackingRight as lacking:
            await self._refused.tell(bearer, lacking)
            raise
        return Performed(status=result.status, body=msgspec.Raw(msgspec.json.encode(result.body)))

    async def _admit(self, token: str) -> tuple[Bearer, Effective]:
        try:
            bearer = await self._verifier.check(token, self._audience)
            return bearer, await self._verifier.rights(bearer)
        except InvalidToken as error:
            raise _bad_token(error) from None


def _describe(kind: Kind, effective: Effective) -> ModelDescription:
    operations = tuple(_operation(kind, name, effective) for name in schemas.OPERATIONS)
    return ModelDescription(model_route=kind.route, title=kind.title, operations=operations)


def _operation(kind: Kind, name: Operation, effective: Effective) -> OperationDescription:
    """Describe one that is not allowed as it would be after a wider authorization."""
    allowed = effective.permissions.allows(kind.name, NEEDS[name])
    permissions = effective.permissions if allowed else effective.grantable
    return OperationDescription(
        name=name,
        title=schemas.title(kind, name),
        allowed=allowed,
        parameters=msgspec.Raw(msgspec.json.encode(schemas.parameters(kind, name, permissions))),
    )


def _told(problem: Problem) -> Performed:
    remedy = problem.remedy if isinstance(problem, LackingRight) else None
    document = problem.document(facts.current().request_id)
    return Performed(status=problem.status, body=msgspec.Raw(msgspec.json.encode(document)), remedy=remedy)


def _bad_token(error: InvalidToken) -> Problem:
    return Problem(401, "invalid_token", INVALID_TOKEN, private=error.reason)
