"""An answer is sent within its turn; its job is the net for a worker that dies before."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, text

from backend.conversations import inbound, outbound
from backend.conversations.assistant import Utterance
from backend.conversations.delivery import (
    Outbound,
    Receipt,
    Recipient,
    RetryableDeliveryError,
    Route,
)
from backend.conversations.models import DeliveryState, InboundMessage, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Inbound, Reply
from backend.conversations.sending import Deliverer
from backend.conversations.turns import TurnRunner
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from tests.support.api import *  # noqa: F403


@dataclass
class Talking:
    """An assistant that says these sentences."""

    says: list[str]

    async def answer(self, utterance: Utterance) -> list[Reply]:
        """Say them."""
        return [Reply(sentence) for sentence in self.says]


@dataclass
class Post:
    """A provider that keeps what it took; ``fails`` for the next try."""

    took: list[str] = field(default_factory=list)
    fails: Exception | None = None

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Take it, or fail once."""
        failure, self.fails = self.fails, None
        if failure is not None:
            raise failure
        self.took.append(outbound.text)
        return Receipt("post", f"p{outbound.id}")


async def turn(
    resources: Resources, clock: FixedClock, post: Post, says: list[str], *, earlier: str = ""
) -> None:
    """A text message comes in and its turn is worked; ``earlier`` waits unsent before it."""
    async with resources.database.transaction() as session:
        rows = ConversationRepository(session, resources.vault)
        if earlier:
            conversation = await rows.open_locked(
                "sms", "+8613800001234", clock.now(), keeps_address=True
            )
            await outbound.put(rows, conversation, Reply(earlier), "earlier", clock.now())
        message = Inbound("sms", "+8613800001234", "m-1", "路灯坏了", keeps_address=True)
        await inbound.accept(rows, clock, message, client_id="m-1")
        inbound_id = await session.scalar(select(InboundMessage.id))
        assert inbound_id is not None
    deliverer = Deliverer(resources, {"sms": Route(post)})
    runner = TurnRunner(resources, Talking(says), deliverer)  # type: ignore[arg-type]
    await runner.run(inbound_id, 0)


async def jobs(resources: Resources) -> list[tuple[int, datetime | None]]:
    """Delivery jobs that wait: their message, and when."""
    async with resources.database.transaction() as session:
        found = await session.execute(
            text(
                "select (args->>'outbound_id')::int, scheduled_at from procrastinate_jobs "
                "where task_name = 'conversations.deliver' and status = 'todo' order by id"
            )
        )
        return [(row[0], row[1]) for row in found]


async def states(resources: Resources) -> list[str]:
    """Of all messages, in order."""
    async with resources.database.transaction() as session:
        return list(
            await session.scalars(select(OutboundMessage.state).order_by(OutboundMessage.id))
        )


async def test_the_answer_goes_out_and_leaves_no_job(
    api_resources: Resources, clock: FixedClock
) -> None:
    post = Post()
    await turn(api_resources, clock, post, ["好，记下了。", "在哪个村？"])
    assert post.took == ["好，记下了。", "在哪个村？"]
    assert await states(api_resources) == [DeliveryState.SENT, DeliveryState.SENT]
    assert await jobs(api_resources) == []


async def test_what_did_not_go_is_left_to_its_jobs_in_order(
    api_resources: Resources, clock: FixedClock
) -> None:
    post = Post(fails=RetryableDeliveryError("busy"))
    await turn(api_resources, clock, post, ["一", "二"])
    assert post.took == []
    assert await states(api_resources) == [DeliveryState.QUEUED, DeliveryState.QUEUED]
    waiting = await jobs(api_resources)
    assert [at for _, at in waiting] == [clock.now() + timedelta(seconds=10)] * 2
    deliverer = Deliverer(api_resources, {"sms": Route(post)})
    for outbound_id, _ in waiting:
        await deliverer.run(outbound_id)
    assert post.took == ["一", "二"]


async def test_nothing_overtakes_an_earlier_message(
    api_resources: Resources, clock: FixedClock
) -> None:
    post = Post()
    await turn(api_resources, clock, post, ["新的"], earlier="旧的")
    assert post.took == []
    assert len(await jobs(api_resources)) == 2
