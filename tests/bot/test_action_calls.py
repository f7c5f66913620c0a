"""The line to the action server stays open between turns, and a broken one is made anew."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web
from rasa.utils.endpoints import EndpointConfig

from bot import action_calls


class Server:
    """An action server that counts the connections it was asked over."""

    def __init__(self) -> None:
        self.lines: set[int] = set()
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        self.lines.add(id(request.transport))
        return web.json_response({"events": [], "responses": []})


@asynccontextmanager
async def serving(server: Server, port: int = 0):
    app = web.Application()
    app.router.add_post("/webhook", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield site._server.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()


def test_turns_share_one_line(monkeypatch):
    monkeypatch.setattr(EndpointConfig, "session", EndpointConfig.session)
    action_calls.install()

    async def turns() -> Server:
        server = Server()
        async with serving(server) as port:
            endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
            for _ in range(3):
                assert await endpoint.request(json={}) == {"events": [], "responses": []}
            await action_calls.kept_session(endpoint).close()
        return server

    server = asyncio.run(turns())
    assert (server.asked, len(server.lines)) == (3, 1)


def test_a_server_that_was_restarted_is_reached_at_once(monkeypatch):
    monkeypatch.setattr(EndpointConfig, "session", EndpointConfig.session)
    action_calls.install()

    async def turns() -> int:
        first, second = Server(), Server()
        async with serving(first) as port:
            endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
            await endpoint.request(json={})
        async with serving(second, port):
            await endpoint.request(json={})
            await action_calls.kept_session(endpoint).close()
        return second.asked

    assert asyncio.run(turns()) == 1


def test_a_session_of_another_loop_is_not_used():
    endpoint = EndpointConfig("http://127.0.0.1:9/webhook")

    async def session() -> action_calls.KeptSession:
        return action_calls.kept_session(endpoint)

    first, second = asyncio.run(session()), asyncio.run(session())
    for kept in (first, second):
        asyncio.run(kept.close())
    assert first is not second
