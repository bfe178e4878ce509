"""What cannot be registered, as problems."""

from latchkey_client_registry.domain import redirects, terms
from latchkey_kit.web.problems import FieldError, Problem, bad_request


def refuse_redirects(redirect_uris: tuple[str, ...]) -> None:
    """Raise a 400 that names each redirect URL that cannot be registered."""
    errors = tuple(
        FieldError(pointer="/redirect_uris" if place is None else f"/redirect_uris/{place}", message=reason)
        for place, reason in redirects.problems(redirect_uris).items()
    )
    if errors:
        raise Problem(400, "invalid_redirect_uri", "A redirect URL cannot be registered.", errors=errors)


def refuse_terms(wanted: terms.Terms, client: terms.Kind) -> None:
    """Raise a 400 for terms that such a client cannot have."""
    reason = terms.problem(wanted, client)
    if reason is not None:
        raise bad_request(reason, FieldError(pointer="/client_credentials", message=reason))


def no_secret(detail: str) -> Problem:
    """409: as the client stands, it can have no secret, or no other one."""
    return Problem(409, "no_secret_possible", "This client cannot have another secret now.", detail)
