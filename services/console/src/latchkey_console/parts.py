"""What the console's rooms share."""

import msgspec

from latchkey_console.assets import Assets
from latchkey_console.desk import Desks
from latchkey_console.pages import ConsolePages
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """``origin`` is the API's, without a slash at the end."""

    assets: Assets
    desks: Desks
    pages: ConsolePages
    origin: str
    clock: Clock
    entropy: Entropy
