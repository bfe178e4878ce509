"""Every key of the audit service comes from its master key: nothing secret lies in the database.

Purposes: ``checkpoint`` signs what the log was; those that begin with ``streams`` are of the streams server.
"""

from latchkey_kit.deriving import derive
from latchkey_kit.sealing import master

__all__ = ["derive", "master"]
