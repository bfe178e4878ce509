"""What tests of the whole house share: the people and apps that use it, and stacks of their own (``actors/``)."""

import sys
from pathlib import Path

for folder in ("actors", "e2e"):
    sys.path.insert(0, str(Path(__file__).parent / folder))
