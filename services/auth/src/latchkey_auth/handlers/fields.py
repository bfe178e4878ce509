"""What is wrong with fields of a JSON body, all at once."""

from latchkey_kit.web.problems import FieldError, bad_request


def check_fields(**problems: str | None) -> None:
    """Refuse (400) a body with unfit members; ``None`` is what a fit one gives."""
    errors = tuple(FieldError(pointer=f"/{name}", message=text) for name, text in problems.items() if text)
    if errors:
        raise bad_request("A member of the body is not valid.", *errors)
