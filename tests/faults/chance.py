"""Randomness that repeats: everything a test leaves to chance comes from the printed seed."""

import random  # noqa: TID251 - what repeats is the point here


class Chance(random.Random):
    """`Chance(seed)`."""
