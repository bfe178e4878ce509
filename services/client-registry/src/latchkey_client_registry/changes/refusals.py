"""What cannot be registered, as problems."""

from collections.abc import Iterator

from latchkey_client_registry.domain import redirects, terms, texts
from latchkey_contracts.requests.clients import Client
from latchkey_kit.web.problems import FieldError, Problem, bad_request


def refuse_settings(*, name: str | None, description: str | None, redirect_uris: tuple[str, ...]) -> None:
    """Raise a 400 that names each of these that cannot be, all at once; ``None`` is not looked at."""
    unfit = tuple(_unfit_texts(name, description))
    wrong = tuple(_unfit_redirects(redirect_uris))
    if unfit:
        raise bad_request("A member of the body is not valid.", *unfit, *wrong)
    if wrong:
        raise Problem(400, "invalid_redirect_uri", "A redirect URL cannot be registered.", errors=wrong)


def refuse_text(text: str, pointer: str) -> None:
    """Raise a 400 for a text of several lines that cannot be."""
    reason = texts.text_problem(text)
    if reason is not None:
        raise bad_request(reason, FieldError(pointer=pointer, message=reason))


def refuse_reviewed(client: Client, **wanted: object) -> None:
    """Raise a 409 for another value of what people know a published client by: staff have vouched for that."""
    changed = [one for one in wanted if client.published and getattr(client, one) != wanted[one]]
    if changed:
        message = "Staff have reviewed this. Withdraw the app from being published to change it."
        errors = tuple(FieldError(pointer=f"/{one}", message=message) for one in changed)
        raise Problem(409, "published", "This app is published.", message, errors=errors)


def refuse_terms(wanted: terms.Terms, client: terms.Kind) -> None:
    """Raise a 400 for terms that such a client cannot have."""
    reason = terms.problem(wanted, client)
    if reason is not None:
        raise bad_request(reason, FieldError(pointer="/client_credentials", message=reason))


def no_secret(detail: str) -> Problem:
    """409: as the client stands, it can have no secret, or no other one."""
    return Problem(409, "no_secret_possible", "This client cannot have another secret now.", detail)


def changed_meanwhile(revision: int) -> Problem:
    """412: whoever asks has seen another revision than this one (RFC 9110 §15.5.13)."""
    return Problem(
        412, "changed_meanwhile", "This client was changed meanwhile.", f"It is at revision {revision} now; look again."
    )


def _unfit_texts(name: str | None, description: str | None) -> Iterator[FieldError]:
    if name is not None and (reason := texts.name_problem(name)) is not None:
        yield FieldError(pointer="/name", message=reason)
    if description is not None and (reason := texts.text_problem(description)) is not None:
        yield FieldError(pointer="/description", message=reason)


def _unfit_redirects(redirect_uris: tuple[str, ...]) -> Iterator[FieldError]:
    for place, reason in redirects.problems(redirect_uris).items():
        yield FieldError(pointer="/redirect_uris" if place is None else f"/redirect_uris/{place}", message=reason)
