"""What the page says after something was done: the address carries a code, never words."""

from latchkey_console.desk import Desk
from latchkey_console.pages import ConsolePages
from latchkey_kit.marking import N_

_SAID = {
    "saved": N_("Saved."),
    "ready": N_("Saved. People can connect this app now: Quick start, under General, says how."),
    "nothing_changed": N_("Nothing was changed, so nothing was saved."),
    "secret_retired": N_("The secret does not work any more."),
    "logo_saved": N_("The logo is in place."),
    "logo_removed": N_("The logo is removed."),
    "disabled": N_("The app is disabled. All its connections have ended."),
    "enabled": N_("The app is enabled. People can connect it again."),
    "joined": N_("You have joined this workspace."),
    "deleted": N_("The app is deleted. All its connections have ended."),
    "publication_requested": N_("Publication is requested. Our staff review the app."),
    "publication_withdrawn": N_("The app is withdrawn: only this workspace can connect it."),
}


def saying(pages: ConsolePages, desk: Desk, code: str) -> str:
    """The words for a code; nothing for one that is not ours."""
    message = _SAID.get(code)
    return pages.words(desk, message) if message else ""
