"""The desk's job, as the worker registers it: read one transcript of an upload."""

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from backend.core.resources import Resources
from backend.desk.reading import give_up, opened, take_in
from backend.desk.repository import DeskRepository
from backend.desk.service import READ_TASK
from backend.understanding import client
from backend.understanding.errors import AssistantDownError
from backend.understanding.schemas import TriageIn

_WAITS_S = (2, 5, 15, 60)


class ReadBackOff(BaseRetryStrategy):
    """2 s, 5 s, 15 s, 60 s; then the agent fills in by hand."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to read again; None ends it."""
        if job.attempts >= len(_WAITS_S):
            return None
        return RetryDecision(retry_in={"seconds": _WAITS_S[job.attempts]})


async def read_draft(resources: Resources, draft_id: int, *, is_last_try: bool) -> None:
    """Have the assistant read a queued draft; reading it twice changes nothing.

    Raises:
        AssistantDownError: unless this was the last try, which leaves it to be filled in by hand.
    """
    async with resources.database.transaction() as session:
        draft = await DeskRepository(session).draft_by_id(draft_id)
        if draft is None or draft.state != "queued" or draft.sealed is None:
            return
        text = opened(draft, resources.vault).text
    try:
        reading = await client.read(resources, TriageIn(text=text, kind="transcript"))
    except AssistantDownError:
        if not is_last_try:
            raise
        reading = None
    async with resources.database.transaction() as session:
        draft = await DeskRepository(session).draft_by_id(draft_id)
        if draft is None or draft.state != "queued":
            return
        if reading is None:
            give_up(draft)
        else:
            take_in(draft, text, reading, resources.vault)


def register(app: App, resources: Resources) -> None:
    """Make the desk's task known to the worker."""

    @app.task(name=READ_TASK, retry=ReadBackOff(), pass_context=True)
    async def read(context: JobContext, *, draft_id: int) -> None:
        is_last = context.job.attempts >= len(_WAITS_S)
        await read_draft(resources, draft_id, is_last_try=is_last)
