"""What the tests of every service stand on: real parts, a clock to move, and a service on free ports.

The fixtures are in ``latchkey_kit.testing.plugin``.
"""

from latchkey_kit.testing.sources import ManualClock, SeededEntropy
from latchkey_kit.testing.waiting import eventually

__all__ = ["ManualClock", "SeededEntropy", "eventually"]
