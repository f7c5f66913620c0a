"""The public numbers' job, as the worker registers it."""

from procrastinate import App

from backend.core.resources import Resources
from backend.publicity.statistics import StatisticsDesk


async def count(resources: Resources) -> bool:
    """Count anew for the public page; whether this worker did."""
    async with resources.database.transaction() as session:
        return await StatisticsDesk(session, resources).recount()


def register(app: App, resources: Resources) -> None:
    """Make the task known to the worker: every ten minutes."""

    @app.periodic(cron="*/10 * * * *", periodic_id="count")
    @app.task(name="publicity.count", queueing_lock="publicity.count")
    async def _count(timestamp: int) -> None:
        await count(resources)
