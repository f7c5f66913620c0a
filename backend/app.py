"""The composition root of the web process: ``python -m backend.app``."""

import contextlib
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI

from backend.api import api
from backend.channels.sms.endpoints import router as sms
from backend.channels.wechat.endpoints import router as wechat
from backend.core.clock import Clock
from backend.core.edge import Edge
from backend.core.errors import install_error_handlers
from backend.core.logging import configure_logging
from backend.core.postgres import database_url
from backend.core.resources import Resources, build_resources
from backend.operation.docs import router as docs
from backend.operation.endpoints import router as operation
from backend.settings import Settings, load_settings
from backend.web.install import install_web, live_updates
from backend.web.staff.images import PHOTO_FORMS

DESCRIPTION = (
    "Intake and cases of Dongguan's 民生大莞家 programme. Bearer tokens; errors are "
    "application/problem+json with a stable code; times are RFC 3339 with offset."
)


def create_app(
    settings: Settings | None = None,
    *,
    resources: Resources | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """Build the application; the database is reached when it starts, not here.

    ``resources`` replaces everything built from the settings (tests).
    """
    settings = settings or (resources.settings if resources else load_settings())

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        own = resources or build_resources(settings, database_url(settings), clock=clock)
        app.state.resources = own
        try:
            async with live_updates(app, own):
                yield
        finally:
            if resources is None:
                await own.close()

    app = FastAPI(
        title="Guanjia API",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(
        Edge,
        max_body_bytes=settings.max_body_bytes,
        wider=(PHOTO_FORMS, settings.max_photos_bytes),
    )
    install_error_handlers(app)
    for router in (operation, docs, api, sms, wechat):
        app.include_router(router)
    install_web(app)
    return app


def main() -> None:
    """Serve on the settings' address until told to stop."""
    settings = load_settings()
    configure_logging(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        ws_max_size=settings.max_body_bytes,
    )


if __name__ == "__main__":
    main()
