"""Who asks, and where the answer may go: nothing is ever redirected before both are proven (RFC 6749 §4.1.2.1)."""

import msgspec
from aiohttp import web

from latchkey_auth.afterwards import Afterwards
from latchkey_auth.domain.authorization import could_be_a_client_id, proven_redirect, wants_sign_in
from latchkey_auth.domain.forms import authorize_path
from latchkey_auth.domain.people import Person
from latchkey_auth.domain.readable import without_query
from latchkey_auth.pages import Pages
from latchkey_contracts.events.auth import ConsentRedirectRefused
from latchkey_contracts.requests.clients import Client, ClientAnswer, ClientsGet
from latchkey_kit.marking import N_
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_kit.requests import Peer
from latchkey_kit.web.problems import FieldError, Problem
from latchkey_look.readable import readable
from latchkey_oauth import parameters
from latchkey_oauth.errors import OAuthError
from latchkey_oauth.parameters import Parameters


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization request of a known client. ``path`` is this request again, to come back to.

    ``usable_in``: which of the visitor's tenants may use it; at least one for somebody who is signed in. ``turns_in``:
    the turn of the client in each of them, where it is not 0. ``lang``: the language of the pages it is shown.
    ``must_sign_in``: nobody is signed in, or they are to do it again; the visit is a stranger's until then.
    """

    client: Client
    usable_in: tuple[str, ...]
    turns_in: dict[str, int]
    redirect_uri: str
    parameters: Parameters
    path: str
    lang: str
    must_sign_in: bool

    @property
    def redirect_uri_sent(self) -> bool:
        return self.parameters.get("redirect_uri") is not None


def unknown_client() -> Problem:
    """For a client that does not exist, and one that does not exist for this user: the same words."""
    return Problem(
        400,
        "invalid_client_id",
        N_("Invalid client_id: OAuth client not found."),
        N_(
            "Check the server URL in the app that sent you here. Demo and production are apart: an app that one knows "
            "is unknown to the other. If the URL is right, sign in with an account of the workspace that uses this app."
        ),
    )


class FrontDoor:
    def __init__(self, registry: Peer, refusals: Sparing, afterwards: Afterwards, pages: Pages) -> None:
        self._registry = registry
        self._pages = pages
        self._refusals = refusals
        self._afterwards = afterwards

    async def admit(self, request: web.Request, person: Person | None) -> Visit:
        """Prove client and redirect URI, or raise the page that says what is wrong."""
        raw = request.rel_url.raw_query_string
        sent = _decoded(raw)
        client_id = sent.get("client_id")
        if client_id is None or not could_be_a_client_id(client_id):
            raise unknown_client()
        if person is not None and wants_sign_in(sent, person.age):
            person = None  # it may be somebody else who does
        answer = await self._ask(client_id, person)
        if answer.client is None or (person is not None and not answer.usable_in):
            raise unknown_client()  # before anything else is told of it
        redirect_uri = proven_redirect(answer.client, sent.get("redirect_uri"))
        if redirect_uri is None:
            self._afterwards.do(self._tell_unregistered(answer, answer.client, person, sent.get("redirect_uri")))
            raise _unregistered(sent.get("redirect_uri"))
        return Visit(
            client=answer.client,
            usable_in=answer.usable_in,
            turns_in=answer.turns_in,
            redirect_uri=redirect_uri,
            parameters=sent,
            path=authorize_path(raw),
            lang=self._pages.language(request),
            must_sign_in=person is None,
        )

    async def _ask(self, client_id: str, person: Person | None) -> ClientAnswer:
        tenants = tuple(tenant.id for tenant in person.tenants) if person else ()
        return await self._registry.ask(ClientsGet(client=client_id, tenants=tenants))

    async def _tell_unregistered(
        self, answer: ClientAnswer, client: Client, person: Person | None, presented: str | None
    ) -> None:
        """Tell the user's own tenants, where there is a user: what they do at another's app is not its maker's."""
        user = person.user.id if person else None

        def event(times: int) -> ConsentRedirectRefused:
            shown = without_query(presented or "")
            return ConsentRedirectRefused(client=client.id, redirect_uri=shown, user=user, times=times)

        for tenant in answer.usable_in if person else (client.tenant,):
            telling = Telling(event=event, tenant=tenant, user=user, client=client.id)
            await self._refusals.tell((ConsentRedirectRefused, client.id, tenant, user), telling)


def _decoded(raw: str) -> Parameters:
    try:
        return parameters.decode(raw)
    except OAuthError as error:
        again = N_("Go back to the app that sent you here and try again. If it stays so, its maker has to correct it.")
        why = FieldError(pointer="", message=error.description)
        title = N_("This app's request cannot be read.")
        raise Problem(400, "invalid_request", title, again, errors=(why,)) from None


def _unregistered(presented: str | None) -> Problem:
    title = N_("Invalid redirect_uri: not registered for this client.")
    if not presented:
        return Problem(400, "invalid_redirect_uri", title, N_("The app did not say where to send you back to."))
    return Problem(
        400,
        "invalid_redirect_uri",
        title,
        N_("Whoever manages this app can add exactly the address that it asked to send you to:"),
        errors=(FieldError(pointer="/redirect_uri", message=readable(presented, 500)),),
    )
