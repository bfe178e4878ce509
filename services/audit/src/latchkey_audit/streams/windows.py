"""How many bytes the stream holds of a consumer: counted here, for it does not tell."""

from collections import deque


class Window:
    """Never too little: a batch counts until all of it is acknowledged."""

    def __init__(self, run: int, through: int, size: int) -> None:
        self.run = run
        self.size = size
        self._batches = deque([(through, size)])

    def add(self, through: int, size: int) -> None:
        """The stream has taken a batch, which ends at a position."""
        self._batches.append((through, size))
        self.size += size

    def acknowledged(self, through: int) -> None:
        """All up to a position is acknowledged."""
        while self._batches and self._batches[0][0] <= through:
            self.size -= self._batches.popleft()[1]
