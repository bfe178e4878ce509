"""What is known beforehand about the apps that people connect most."""

from typing import Literal

import msgspec

from latchkey_contracts.requests.clients import Preset


class PresetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """``retry_window`` in seconds; 0 is strict. ``default_audience``: what a token is for when no resource is named."""

    redirect_uris: tuple[str, ...] = ()
    retry_window: int = 0
    default_audience: Literal["both", "mcp"] = "both"


PRESETS: dict[Preset, PresetFacts] = {
    "custom": PresetFacts(),
    # Assistants refresh from several processes at once: a twin within the window gets the same refresh token.
    "claude": PresetFacts(
        redirect_uris=("https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"),
        retry_window=30,
        default_audience="mcp",
    ),
    # ChatGPT's callback is told per connector while it is created, so it is added to the client afterwards.
    "chatgpt": PresetFacts(retry_window=30, default_audience="mcp"),
}


def with_preset(preset: Preset, redirect_uris: tuple[str, ...]) -> tuple[str, ...]:
    """The redirect URLs of a new client: the preset's, then its own, each once."""
    return tuple(dict.fromkeys((*PRESETS[preset].redirect_uris, *redirect_uris)))
