"""A citizen's text message: a command we answer ourselves, or a turn of the assistant.

Everything a message causes is one transaction: the stored message, its effect, its answer. The
same message again changes nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.errors import CaseNotFoundError, NotFinishedError, ProofNeededError
from backend.cases.ownership import ReporterService
from backend.cases.schemas import RatingIn
from backend.channels.sms.keywords import Command, read_command, said_as
from backend.channels.sms.payloads import InboundText
from backend.channels.sms.routing import CHANNEL
from backend.channels.sms.templates import templates
from backend.conversations import inbound, outbound, rules
from backend.conversations.errors import TooFastError
from backend.conversations.identity import conversation_id
from backend.conversations.ratings import Rating, read_rating
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Inbound, Notice, Reply
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason

_LOW = 2
_TOLD_AGAIN_AFTER_S = 600
log = structlog.get_logger(__name__)


def notice(template: str, **variables: str) -> Reply:
    """A reply that is a registered text; its own text is the same without the signature."""
    known = templates()
    text = known.fill(template, variables).removeprefix(known.signature)
    asked = known.asked_about(template, variables)
    return Reply(text, notice=Notice(template, variables), asks_rating_of=asked)


@dataclass(frozen=True, slots=True)
class TextInbox:
    """Takes messages in within one transaction."""

    session: AsyncSession
    resources: Resources

    async def take(self, text: InboundText) -> None:
        """Store the message once, with what it causes."""
        vault, now = self.resources.vault, self.resources.clock.now()
        rows = self._rows()
        await rows.open_locked(CHANNEL, text.phone, now, keeps_address=True)
        if await rows.stored(CHANNEL, text.message_id) is not None:
            return
        conversation = conversation_id(vault, CHANNEL, text.phone)
        await self._phones().prove(str(conversation), text.phone, now)
        replies = await self._own_answer(text, conversation)
        if replies is None:
            await self._hand_over(text, conversation)
        else:
            await self._answer(text, conversation, replies)

    async def _own_answer(self, text: InboundText, conversation: uuid.UUID) -> list[Reply] | None:
        """What the channel itself says; ``None`` leaves the message to the assistant."""
        command = _command(text)
        if command is not None and said_as(command) is None:
            return await self._obey(command, text, conversation)
        clean = rules.clean_text(text.text)
        if not clean:
            return [notice("text_only")]
        if len(clean) > rules.MAX_MESSAGE_CHARS:
            return [notice("too_long", length=str(len(clean)))]
        rating = read_rating(clean)
        return await self._rate(rating, conversation) if rating else None

    async def _obey(
        self, command: Command, text: InboundText, conversation: uuid.UUID
    ) -> list[Reply]:
        """Carry a command out. Twilio answers its own words itself, so we stay silent there."""
        phones, now = self._phones(), self.resources.clock.now()
        if command in (Command.STOP, Command.STOP_BY_TWILIO):
            await phones.stop(text.phone, StopReason.OPTED_OUT, now)
            return self._unless_twilio(command is Command.STOP_BY_TWILIO, "opted_out")
        if command in (Command.START, Command.START_BY_TWILIO):
            await phones.resume(text.phone)
            return self._unless_twilio(command is Command.START_BY_TWILIO, "opted_in")
        if command is Command.WRONG_NUMBER:
            hidden = await ReporterService(self.session, self.resources).disown(str(conversation))
            await phones.stop(text.phone, StopReason.WRONG_NUMBER, now)
            log.info("wrong_number", cases=hidden)
            return [notice("wrong_number")]
        return self._unless_twilio(command is Command.HELP_BY_TWILIO, "help")

    def _unless_twilio(self, is_twilios_word: bool, template: str) -> list[Reply]:
        says_it = is_twilios_word and self.resources.settings.sms_provider == "twilio"
        return [] if says_it else [notice(template)]

    async def _rate(self, rating: Rating, conversation: uuid.UUID) -> list[Reply] | None:
        """Record a rating; a digit alone counts only right after we asked for one."""
        reporter = ReporterService(self.session, self.resources)
        case_no = await self._asked_about(conversation)
        if case_no is None:
            if rating.is_bare:
                return None
            newest = await reporter.newest_finished(str(conversation))
            if newest is None:
                return None
            case_no = newest.case_no
        judged = RatingIn(channel=CHANNEL, conversation_id=str(conversation), score=rating.score)
        try:
            await reporter.rate(case_no, judged)
        except (CaseNotFoundError, ProofNeededError, NotFinishedError):
            return [notice("rating_none")]
        template = "rated_low" if rating.score <= _LOW else "rated"
        return [notice(template, score=str(rating.score), case_no=case_no)]

    async def _asked_about(self, conversation: uuid.UUID) -> str | None:
        """The case our last message asked to rate."""
        last = await self._rows().last_outbound(conversation)
        return self._rows().read_outbound(last).asks_rating_of if last else None

    async def _hand_over(self, text: InboundText, conversation: uuid.UUID) -> None:
        """Queue a turn of the assistant; who writes again is no wrong number any more."""
        await self._phones().resume(text.phone, StopReason.WRONG_NUMBER)
        command = _command(text)
        message = self._message(text, payload=said_as(command) if command else None)
        try:
            await inbound.accept(
                self._rows(), self.resources.clock, message, client_id=text.message_id
            )
        except TooFastError as error:
            await self._say_too_fast(text, conversation, error)

    async def _answer(
        self, text: InboundText, conversation: uuid.UUID, replies: list[Reply]
    ) -> None:
        """Store the message with our answer; a flood has its effect, but is not answered."""
        rows, clock = self._rows(), self.resources.clock
        since = clock.now() - timedelta(seconds=rules.RATE_WINDOW_S)
        recent = await rows.received_since(conversation, since)
        told = replies if len(recent) < rules.MESSAGES_PER_MINUTE else []
        await inbound.accept_answered(
            rows, clock, self._message(text), told, client_id=text.message_id
        )

    async def _say_too_fast(
        self, text: InboundText, conversation: uuid.UUID, error: TooFastError
    ) -> None:
        stretch = int(self.resources.clock.now().timestamp()) // _TOLD_AGAIN_AFTER_S
        minutes = str(max(1, -(-error.retry_after_s // 60)))
        await outbound.say(
            self._rows(),
            self.resources.clock,
            Address(CHANNEL, text.phone),
            notice("too_fast", wait=minutes),
            f"sms-too-fast:{conversation}:{stretch}",
        )

    def _message(self, text: InboundText, payload: str | None = None) -> Inbound:
        clean = rules.clean_text(text.text)[: rules.MAX_MESSAGE_CHARS]
        return Inbound(
            channel=CHANNEL,
            address=text.phone,
            external_id=text.message_id,
            text=clean,
            payload=payload,
            keeps_address=True,
        )

    def _rows(self) -> ConversationRepository:
        return ConversationRepository(self.session, self.resources.vault)

    def _phones(self) -> Phones:
        return Phones(self.session, self.resources.vault)


_OPT_OUTS = {
    "STOP": Command.STOP_BY_TWILIO,
    "START": Command.START_BY_TWILIO,
    "HELP": Command.HELP_BY_TWILIO,
}


def _command(text: InboundText) -> Command | None:
    """The provider's own verdict on its words counts before ours."""
    return _OPT_OUTS[text.opt_out] if text.opt_out else read_command(text.text)
