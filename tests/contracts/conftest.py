import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for `history`


@pytest.fixture(scope="session")
def root() -> Path:
    return HERE.parents[1]
