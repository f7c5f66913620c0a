"""The worker process: ``python -m backend.worker``.

Any number of workers share one database. A worker that is killed leaves its jobs marked as
running; the others, or the next one, see its heartbeat stop and queue them again.
SIGTERM and Ctrl-C let running jobs finish first.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import structlog
import uvloop
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from backend.cases import tasks as case_tasks
from backend.channels.sms.routing import CHANNEL as SMS
from backend.channels.sms.routing import build_route as sms_route
from backend.channels.wechat import tasks as wechat_tasks
from backend.conversations import tasks as conversation_tasks
from backend.conversations.assistant import Assistant
from backend.conversations.delivery import Route, Routes
from backend.conversations.sending import Deliverer
from backend.conversations.turns import TurnRunner
from backend.core.jobs import build_queue
from backend.core.logging import configure_logging
from backend.core.postgres import database_url, libpq_url
from backend.core.resources import Resources, build_resources
from backend.desk import tasks as desk_tasks
from backend.notifications import tasks as notice_tasks
from backend.operation import cleaning
from backend.publicity import tasks as publicity_tasks
from backend.settings import Settings, load_settings

HEARTBEAT_S = 1.0
DEAD_AFTER_S = 5.0
POLL_S = 0.5
CONCURRENCY = 8
GRACE_S = 25.0

log = structlog.get_logger(__name__)


def build_worker(settings: Settings, resources: Resources, url: str) -> App:
    """A Procrastinate app that knows every task; not connected yet."""
    app = build_queue(url, connections=CONCURRENCY + 4)
    assistant = Assistant(
        http=resources.http,
        url=settings.rasa_url.rstrip("/"),
        token=settings.rasa_token.get_secret_value(),
        timeout_s=settings.assistant_timeout_s,
    )
    routes = build_routes(resources)
    deliverer = Deliverer(resources, routes)
    conversation_tasks.register(app, TurnRunner(resources, assistant, deliverer), deliverer)
    wechat_tasks.register(app, resources)
    case_tasks.register(app, resources)
    notice_tasks.register(app, resources)
    desk_tasks.register(app, resources)
    publicity_tasks.register(app, resources)
    cleaning.register(app, resources)
    return app


def build_routes(resources: Resources) -> Routes:
    """The channels that are switched on and send by themselves."""
    routes: dict[str, Route] = {SMS: sms_route(resources), **wechat_tasks.routes(resources)}
    return routes


async def requeue_jobs_of_the_dead(app: App) -> None:
    """Every second, queue the jobs of workers whose heartbeat has stopped again."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        try:
            stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S)
            for job in stalled:
                log.warning("job_requeued", job_id=job.id, task=job.task_name)
                await app.job_manager.retry_job(job)
        except ConnectorException as error:
            log.warning("requeue_failed", cause=type(error).__name__)


@contextlib.asynccontextmanager
async def _background(app: App) -> AsyncIterator[None]:
    task = asyncio.create_task(requeue_jobs_of_the_dead(app), name="requeue")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def run(settings: Settings) -> None:
    """Work until told to stop; a database that goes away is waited for."""
    resources, url = build_resources(settings, database_url(settings)), libpq_url(settings)
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    try:
        while not asked.is_set():
            try:
                await _work(build_worker(settings, resources, url), asked)
            except ConnectorException as error:
                log.warning("database_lost", cause=type(error.__cause__ or error).__name__)
                await asyncio.sleep(HEARTBEAT_S)
    finally:
        await resources.close()
    log.info("worker_stopped")


async def _work(app: App, asked: asyncio.Event) -> None:
    """Until told to stop, or until the engine gives up because its connections broke."""
    async with app.open_async(), _background(app):
        log.info("worker_ready", concurrency=CONCURRENCY)
        engine = asyncio.create_task(
            app.run_worker_async(
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=POLL_S,
                shutdown_graceful_timeout=GRACE_S,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S * 2,
                install_signal_handlers=False,
            )
        )
        stop = asyncio.create_task(asked.wait())
        await asyncio.wait({engine, stop}, return_when=asyncio.FIRST_COMPLETED)
        # cancelled, the engine lets running jobs finish first
        for task in (stop, engine):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await engine


def main() -> None:
    """Entry point."""
    settings = load_settings()
    configure_logging(settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
