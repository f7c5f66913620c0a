"""The chat as an application of its own, run by uvicorn in tests."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from backend.core.errors import install_error_handlers
from backend.core.postgres import database_url
from backend.core.resources import build_resources
from backend.settings import load_settings
from backend.web.install import install_web, live_updates


def create() -> FastAPI:
    """Pages, chat and live updates on the database of the environment."""
    settings = load_settings()
    resources = build_resources(settings, database_url(settings))

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with live_updates(app, resources):
            yield
        await resources.close()

    app = FastAPI(lifespan=lifespan)
    app.state.resources = resources
    install_error_handlers(app)
    install_web(app)
    return app
