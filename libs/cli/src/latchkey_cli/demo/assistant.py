"""An AI assistant's side: the official Python MCP client, which finds and follows OAuth by itself."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import Credentials
from latchkey_cli.demo.story import require
from latchkey_cli.demo_data.cast import LOOPBACK


class Memory:
    """Where the MCP client keeps its tokens. ``history`` holds every refresh token it was ever given."""

    def __init__(self, credentials: Credentials) -> None:
        self._information = OAuthClientInformationFull(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            redirect_uris=[AnyUrl(LOOPBACK)],
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method
        )
        self.tokens: OAuthToken | None = None
        self.history: list[str] = []

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens
        if tokens.refresh_token:
            self.history.append(tokens.refresh_token)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._information

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._information = client_info


class Assistant:
    """A connected MCP client."""

    def __init__(self, client: Client, provider: OAuthClientProvider, memory: Memory) -> None:
        self._client = client
        self._provider = provider
        self.memory = memory

    async def use(self, tool: str, **arguments: Any) -> Any:
        """Call a tool; its structured answer."""
        result = await self._client.call_tool(tool, arguments)
        words = getattr(result.content[0], "text", "") if result.content else ""
        require(not result.is_error, f"{tool} failed: {words}")
        return result.structured_content

    def forget_the_access_token(self) -> None:
        """Let the client believe that its access token has expired: its next request refreshes."""
        self._provider.context.token_expiry_time = 1


@contextlib.asynccontextmanager
async def connected(mcp_url: str, credentials: Credentials, person: Browser) -> AsyncIterator[Assistant]:
    """Connect as a person: discovery, sign-in, consent and code exchange happen on the first request."""
    memory = Memory(credentials)
    back: dict[str, str] = {}

    async def open_browser(url: str) -> None:
        answer = parse_qs(urlsplit(await person.authorize(url)).query)
        back.update({name: values[0] for name, values in answer.items()})

    async def wait_for_the_answer() -> AuthorizationCodeResult:
        require("code" in back, f"no code came back, but {back.get('error')}")
        return AuthorizationCodeResult(code=back["code"], state=back.get("state"), iss=back.get("iss"))

    provider = OAuthClientProvider(
        server_url=mcp_url,
        client_metadata=OAuthClientMetadata(client_name="Latchkey demo", redirect_uris=[AnyUrl(LOOPBACK)]),
        storage=memory,
        redirect_handler=open_browser,
        callback_handler=wait_for_the_answer,
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(mcp_url, http_client=http)) as client,
    ):
        yield Assistant(client, provider, memory)
