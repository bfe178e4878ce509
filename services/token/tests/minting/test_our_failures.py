"""What goes wrong on our side never looks like theft, and never burns a token."""

import asyncio
import contextlib
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest_asyncio

from latchkey_embedded import free_port
from latchkey_kit.testing import eventually


class Wire:
    """Stands between the service and PostgreSQL, and cuts it at the worst moment: the COMMIT about a ``victim``.

    ``cut`` is ``"before"`` (the server never sees the COMMIT) or ``"after"`` (it commits, and nobody hears of it).
    """

    def __init__(self, url):
        self._parts = urlsplit(url)
        self.cut = None
        self.victim = b""
        self.down = False
        self.cuts = 0

    def lose(self, connection_id, cut):
        self.victim, self.cut = bytes.fromhex(connection_id), cut

    async def connect(self):
        host = parse_qs(self._parts.query).get("host", [None])[0]
        if host:
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{self._parts.port or 5432}")
        return await asyncio.open_connection(self._parts.hostname, self._parts.port or 5432)

    async def handle(self, reader, writer):
        with contextlib.suppress(OSError):
            if not self.down:
                server_reader, server_writer = await self.connect()
                await asyncio.wait(
                    [
                        asyncio.create_task(self._ask(reader, server_writer)),
                        asyncio.create_task(_pump(server_reader, writer)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                server_writer.close()
        writer.close()

    async def _ask(self, reader, server):
        met = False
        while data := await reader.read(65_536):
            met = met or (self.cut is not None and self.victim in data)
            if self.cut and met and b"COMMIT;" in data:
                self.cuts += 1
                if self.cut == "after":
                    server.write(data)
                    await server.drain()
                self.cut = None
                return
            server.write(data)
            await server.drain()

    def address(self, port):
        query = {key: value for key, value in parse_qs(self._parts.query).items() if key != "host"}
        login = self._parts.netloc.rpartition("@")[0]
        netloc = f"{login}@127.0.0.1:{port}" if login else f"127.0.0.1:{port}"
        query = urlencode(query | {"sslmode": "disable"}, doseq=True)
        return urlunsplit(self._parts._replace(netloc=netloc, query=query))


async def _pump(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@pytest_asyncio.fixture
async def wire(database_url):
    made, port = Wire(database_url), free_port()
    server = await asyncio.start_server(made.handle, "127.0.0.1", port)
    made.url = made.address(port)
    yield made
    server.close()


@pytest_asyncio.fixture
async def wired(running_house, wire):
    async with running_house(wire.url) as made:
        yield made


async def marked(house, connection_id, generation):
    await eventually(lambda: _is_marked(house, connection_id, generation))


async def _is_marked(house, connection_id, generation):
    return (await house.row(connection_id))["unanswered"] == generation


async def cut_refresh(house, wire, app, first, cut):
    wire.lose(first.claims["sid"], cut)
    refused = await house.refresh(app, first.body["refresh_token"])
    assert wire.cuts == 1
    assert refused.error == (503, "temporarily_unavailable")
    assert 0 < int(refused.headers["Retry-After"]) <= 5


async def test_an_unknown_commit_that_came_is_answered_again_for_a_strict_client(wired, wire):
    app = await wired.app()
    first = await wired.connected(app)
    sid, token = first.claims["sid"], first.body["refresh_token"]
    await cut_refresh(wired, wire, app, first, "after")
    await marked(wired, sid, 1)
    assert (await wired.row(sid))["generation"] == 2
    again = await wired.refresh(app, token)
    assert again.status == 200
    assert (await wired.refresh(app, again.body["refresh_token"])).status == 200
    assert await wired.alive(sid)


async def test_what_was_answered_again_is_a_replay_once_the_successor_is_spent(wired, wire):
    app = await wired.app()
    first = await wired.connected(app)
    await cut_refresh(wired, wire, app, first, "after")
    await marked(wired, first.claims["sid"], 1)
    again = await wired.refresh(app, first.body["refresh_token"])
    await wired.refresh(app, again.body["refresh_token"])
    assert (await wired.refresh(app, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert not await wired.alive(first.claims["sid"])


async def test_an_unknown_commit_that_never_came_leaves_the_token_as_good_as_it_was(wired, wire):
    app = await wired.app()
    first = await wired.connected(app)
    await cut_refresh(wired, wire, app, first, "before")
    assert (await wired.row(first.claims["sid"]))["generation"] == 1
    assert (await wired.refresh(app, first.body["refresh_token"])).status == 200
    assert await wired.alive(first.claims["sid"])


async def test_a_lost_answer_to_a_code_is_given_again(wired, wire):
    app = await wired.app()
    grant = await wired.consent(app)
    wire.lose(grant.connection, "after")
    assert (await wired.exchange(app, grant.code)).error == (503, "temporarily_unavailable")
    await marked(wired, grant.connection, 0)
    assert (await wired.row(grant.connection))["generation"] == 1
    again = await wired.exchange(app, grant.code)
    assert again.status == 200
    assert (await wired.refresh(app, again.body["refresh_token"])).status == 200


async def test_another_client_gains_nothing_from_a_lost_answer(wired, wire):
    app, thief = await wired.app(), await wired.app()
    first = await wired.connected(app)
    await cut_refresh(wired, wire, app, first, "after")
    await marked(wired, first.claims["sid"], 1)
    assert (await wired.refresh(thief, first.body["refresh_token"])).error == (400, "invalid_grant")
    assert (await wired.refresh(app, first.body["refresh_token"])).status == 200


async def test_503_then_retry_without_its_database_nothing_is_exchanged_and_nothing_is_burnt(wired, wire):
    app = await wired.app()
    first = await wired.connected(app)
    await wired.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'token'"
    )
    wire.down = True
    refused = await wired.refresh(app, first.body["refresh_token"])
    assert refused.error == (503, "temporarily_unavailable")
    wire.down = False
    answer = await eventually(lambda: _refreshed(wired, app, first.body["refresh_token"]))
    assert answer.status == 200
    assert await wired.alive(first.claims["sid"])


async def _refreshed(house, app, token):
    answer = await house.refresh(app, token)
    assert answer.status in {200, 503}
    return answer if answer.status == 200 else None


async def test_a_batch_with_one_bad_neighbour_serves_the_others(house):
    app = await house.app()
    firsts = [await house.connected(app) for _ in range(12)]
    bad = firsts[5].claims["sid"]
    await house.sql(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.id = '{bad}' THEN RAISE 'no' USING ERRCODE = 'lock_not_available'; END IF; RETURN NEW; END $$
        """
    )
    await house.sql("CREATE TRIGGER refuse BEFORE UPDATE ON connection FOR EACH ROW EXECUTE FUNCTION refuse()")
    answers = await asyncio.gather(*(house.refresh(app, first.body["refresh_token"]) for first in firsts))
    statuses = {first.claims["sid"]: answer.status for first, answer in zip(firsts, answers, strict=True)}
    assert statuses.pop(bad) == 503
    assert set(statuses.values()) == {200}
    await house.sql("DROP TRIGGER refuse ON connection")
    assert (await house.refresh(app, firsts[5].body["refresh_token"])).status == 200


async def test_a_lost_answer_who_hangs_up_on_it_may_come_back_for_it(house):
    app = await house.app()
    first = await house.connected(app)
    sid, token = first.claims["sid"], first.body["refresh_token"]
    async with house.database.transaction() as connection:
        await connection.execute("SELECT 1 FROM connection WHERE id = $1 FOR UPDATE", sid)
        writer = await _send_refresh(house, app, token)
        await eventually(lambda: _somebody_waits(house))
        writer.close()
        await writer.wait_closed()
    await marked(house, sid, 1)
    assert (await house.refresh(app, token)).status == 200
    assert await house.alive(sid)


async def _send_refresh(house, app, token):
    body = urlencode({
        "grant_type": "refresh_token", "refresh_token": token, "client_id": app.id, "client_secret": app.secret,
    })  # fmt: skip
    where = urlsplit(house.served.public_url)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"POST /oauth/token HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode())
    await writer.drain()
    return writer


async def _somebody_waits(house):
    ((waiting,),) = await house.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return waiting > 0
