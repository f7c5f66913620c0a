"""What the assistant hears of a message: a digit that answers our question names what it rates."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from backend.conversations import inbound, outbound
from backend.conversations.assistant import Utterance
from backend.conversations.models import InboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Inbound, Reply
from backend.conversations.sending import Deliverer
from backend.conversations.turns import TurnRunner
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from tests.support.api import *  # noqa: F403

ASKS = Reply("满意吗？请回复 1 到 5。", asks_rating_of="WSS26112100014")


@dataclass
class Listening:
    """An assistant that keeps what it hears."""

    heard: list[Utterance] = field(default_factory=list)

    async def answer(self, utterance: Utterance) -> list[Reply]:
        """Agree."""
        self.heard.append(utterance)
        return [Reply("好")]


async def hear(resources: Resources, clock: FixedClock, said: list[Reply], text: str) -> Utterance:
    """The citizen writes after we said that."""
    async with resources.database.transaction() as session:
        rows = ConversationRepository(session, resources.vault)
        conversation = await rows.open_locked("webchat", "page", clock.now())
        for number, reply in enumerate(said):
            await outbound.put(rows, conversation, reply, f"m{number}", clock.now())
        message = Inbound("webchat", "page", "m-1", text)
        await inbound.accept(rows, clock, message, client_id="m-1")
        inbound_id = await session.scalar(select(InboundMessage.id))
        assert inbound_id is not None
    listening = Listening()
    runner = TurnRunner(resources, listening, Deliverer(resources, {}))  # type: ignore[arg-type]
    await runner.run(inbound_id, 0)
    (heard,) = listening.heard
    return heard


@pytest.mark.parametrize(("text", "score"), [("5", 5), ("２分", 2), ("四", 4)])
async def test_a_digit_after_our_question_names_the_case(
    api_resources: Resources, clock: FixedClock, text: str, score: int
) -> None:
    heard = await hear(api_resources, clock, [ASKS], text)
    assert heard.text == text
    assert heard.payload == f"我评价WSS26112100014：{score}分"


@pytest.mark.parametrize(
    ("said", "text"),
    [([ASKS], "没解决"), ([ASKS, Reply("在哪里？\n1 长安\n2 虎门")], "1"), ([], "5")],
    ids=["words", "another question since", "nothing asked"],
)
async def test_everything_else_is_heard_as_it_is(
    api_resources: Resources, clock: FixedClock, said: list[Reply], text: str
) -> None:
    assert (await hear(api_resources, clock, said, text)).payload is None
