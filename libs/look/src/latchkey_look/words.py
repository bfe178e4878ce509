"""What pages say, in the reader's language.

The words in the templates are English and are the keys of the catalogue (gettext). ``en-XA`` is no language: every
word of ours comes out with accents and longer, so that whoever looks sees which words were forgotten, and what breaks
when they take more room. It is for tests and translators, and there in local mode only.
"""

import gettext
import re
from collections.abc import Mapping
from typing import Final

from latchkey_kit.marking import N_

PSEUDO: Final = "en-XA"
USUAL: Final = "en"
_KINDS: Final = {
    400: N_("Bad Request"), 403: N_("Forbidden"), 404: N_("Not Found"), 405: N_("Method Not Allowed"),
    409: N_("Conflict"), 413: N_("Request Entity Too Large"), 415: N_("Unsupported Media Type"),
    429: N_("Too Many Requests"), 500: N_("Internal Server Error"), 503: N_("Service Unavailable"),
}  # fmt: skip
_ACCENTED = str.maketrans("aceilnorsuyACEILNORSUY", "áçéîĺñóŕšúýÁÇÉÎĹÑÓŔŠÚÝ")
_KEPT = re.compile(r"(%\(\w+\)[sd]|<[^>]*>|&\w+;)")


class Pseudo(gettext.NullTranslations):
    """Every message as nobody would write it."""

    def gettext(self, message: str) -> str:
        return accented(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return accented(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - the base's signature
        return accented(message)


def accented(message: str) -> str:
    """Accents on every word, a third longer, in brackets; what is filled in and what is markup stays."""
    parts = _KEPT.split(message)
    text = "".join(part if number % 2 else part.translate(_ACCENTED) for number, part in enumerate(parts))
    return f"⟦{text}{'·' * (len(message) // 3)}⟧"


def known(*, pseudo: bool) -> Mapping[str, gettext.NullTranslations]:
    """Catalogues by language."""
    usual: dict[str, gettext.NullTranslations] = {USUAL: gettext.NullTranslations()}
    return usual | ({PSEUDO: Pseudo()} if pseudo else {})


def kind(status: int) -> str:
    """What an error of a page is called, for its title; to be translated."""
    return _KINDS.get(status, _KINDS[400 if status < 500 else 500])


def preferred(accepted: str, languages: Mapping[str, object]) -> str:
    """The first language of an ``Accept-Language`` header (RFC 9110 §12.5.4) that there is, else the usual one."""
    for part in accepted.split(","):
        name = part.partition(";")[0].strip().lower()
        for language in languages:
            if language.lower() == name:
                return language
    return USUAL
