"""The notices' jobs, as the worker registers them."""

from procrastinate import App, RetryStrategy

from backend.cases.repository import NOTICE_TASK
from backend.core.resources import Resources
from backend.notifications.dispatching import chase, dispatch_due
from backend.notifications.planning import plan

_RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)


def register(app: App, resources: Resources) -> None:
    """Make the tasks known to the worker.

    ``notifications.dispatch`` runs every minute; rows are taken under their locks, so two workers
    that run it at once share the work.
    """

    @app.task(name=NOTICE_TASK, retry=_RETRY)
    async def _plan(*, event_id: int) -> None:
        await plan(resources, event_id)
        await dispatch_due(resources)

    @app.periodic(cron="* * * * *", periodic_id="dispatch")
    @app.task(name="notifications.dispatch", queueing_lock="notifications.dispatch")
    async def _dispatch(timestamp: int) -> None:
        await chase(resources)
        await dispatch_due(resources)
