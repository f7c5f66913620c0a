"""Adds pages, static files and live updates to the application."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from backend.channels.webchat.endpoints import router as webchat
from backend.conversations.live import LiveUpdates
from backend.core.resources import Resources
from backend.web import chat, home
from backend.web.assets import Assets
from backend.web.desk.pages import router as desk
from backend.web.desk.workbench import router as workbench
from backend.web.errors import install_page_errors
from backend.web.pages import build_pages
from backend.web.policies.pages import router as policies
from backend.web.public.pages import router as public
from backend.web.staff.routes import router as staff


def install_web(app: FastAPI) -> None:
    """Register citizens' and staff's pages and the chat's WebSocket."""
    assets = Assets()
    app.state.pages = build_pages(assets)
    app.mount("/static", assets, name="static")
    install_page_errors(app)
    for router in (home.router, public, chat.router, webchat, policies, staff, desk, workbench):
        app.include_router(router)


@contextlib.asynccontextmanager
async def live_updates(app: FastAPI, resources: Resources) -> AsyncIterator[None]:
    """Part of the application's lifespan: open pages hear of new messages while it runs."""
    url = resources.database.engine.url.set(drivername="postgresql")
    live = LiveUpdates(url.render_as_string(hide_password=False))
    app.state.live = live
    async with live.running():
        yield
