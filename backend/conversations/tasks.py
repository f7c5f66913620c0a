"""The conversations' jobs, as the worker registers them."""

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from backend.conversations import rules
from backend.conversations.inbound import TURN_TASK
from backend.conversations.turns import TurnRunner


class TurnBackOff(BaseRetryStrategy):
    """2 s, 5 s, 15 s, then every minute for an hour, whatever went wrong."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to run the job again; ``None`` leaves it as failed, visible in the queue."""
        wait_s = rules.retry_in_s(job.attempts + 1)
        return None if wait_s is None else RetryDecision(retry_in={"seconds": wait_s})


def register(app: App, runner: TurnRunner) -> None:
    """Make the conversations' tasks known to the worker."""

    @app.task(name=TURN_TASK, retry=TurnBackOff(), pass_context=True)
    async def turn(context: JobContext, *, inbound_id: int) -> None:
        await runner.run(inbound_id, context.job.attempts)
