"""Browsers and machines as people call them, by what browsers say of themselves."""

import re
from typing import Final

import msgspec

_BROWSERS: Final = (
    ("Edge", "Edg/"), ("Opera", "OPR/"), ("Samsung Internet", "SamsungBrowser/"), ("Firefox", "Firefox/"),
    ("Firefox", "FxiOS/"), ("Chrome", "CriOS/"), ("Chrome", "Chrome/"), ("Safari", "Safari/"), ("curl", "curl/"),
)  # fmt: skip
"""The first that fits: most call themselves Safari, and many Chrome, besides."""
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("macOS", "Mac OS X"),
    ("ChromeOS", "CrOS"), ("Linux", "Linux"),
)  # fmt: skip
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{1,39}(?=/)")


class Agent(msgspec.Struct, frozen=True):
    """Empty where it cannot be told."""

    browser: str
    system: str


def agent(text: str) -> Agent:
    """What a ``User-Agent`` says; nobody has to say the truth there."""
    browser = next((name for name, mark in _BROWSERS if mark in text), "")
    system = next((name for name, mark in _SYSTEMS if mark in text), "")
    if not browser and (program := _PROGRAM.match(text)) and not text.startswith("Mozilla/"):
        browser = program.group()
    return Agent(browser, system)
