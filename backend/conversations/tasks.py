"""The conversations' jobs, as the worker registers them."""

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from backend.conversations import rules
from backend.conversations.inbound import TURN_TASK
from backend.conversations.outbound import DELIVERY_TASK
from backend.conversations.sending import Deliverer, TryLater
from backend.conversations.turns import TurnRunner


class TurnBackOff(BaseRetryStrategy):
    """2 s, 5 s, 15 s, then every minute for an hour, whatever went wrong."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to run the job again; ``None`` leaves it as failed, visible in the queue."""
        wait_s = rules.retry_in_s(job.attempts + 1)
        return None if wait_s is None else RetryDecision(retry_in={"seconds": wait_s})


class DeliveryBackOff(BaseRetryStrategy):
    """When the delivery says so; after a break of our own (database) as a turn."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to run the job again; how often is decided with the message, not with the job."""
        if isinstance(exception, TryLater):
            return RetryDecision(retry_in={"seconds": exception.wait_s})
        return RetryDecision(retry_in={"seconds": rules.retry_in_s(job.attempts + 1) or 3600})


def register(app: App, runner: TurnRunner, deliverer: Deliverer) -> None:
    """Make the conversations' tasks known to the worker."""

    @app.task(name=TURN_TASK, retry=TurnBackOff(), pass_context=True)
    async def turn(context: JobContext, *, inbound_id: int) -> None:
        await runner.run(inbound_id, context.job.attempts)

    @app.task(name=DELIVERY_TASK, retry=DeliveryBackOff())
    async def deliver(*, outbound_id: int) -> None:
        await deliverer.run(outbound_id)
