"""``python -m backend``: serve on the settings' address until told to stop."""

import uvicorn

from backend.app import create_app
from backend.core.logging import configure_logging
from backend.settings import load_settings


def main() -> None:
    """Run the web process."""
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
