"""One open chat page: takes its frames in, pushes what it has not seen."""

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.channels.webchat.payloads import (
    CLIENT_FRAME,
    MAX_FRAME_CHARS,
    Choice,
    Hello,
    Message,
    Ping,
    Seen,
    transcript_frame,
)
from backend.conversations import inbound, outbound, rules
from backend.conversations.errors import EmptyMessageError, MessageTooLongError, TooFastError
from backend.conversations.live import LiveUpdates
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Activity, Button, Inbound, Transcript
from backend.conversations.wording import sentence
from backend.core.resources import Resources

CHANNEL = "webchat"
CLOSE_UNUSABLE = 1008
CLOSE_TOO_BIG = 1009
CLOSE_SESSION_UNKNOWN = 4401
FRAMES_PER_WINDOW = 120
FRAME_WINDOW_S = 10.0
HELLO_WITHIN_S = 15.0
LOOK_ANYWAY_S = 20.0

log = structlog.get_logger(__name__)


class UnusableClientError(Exception):
    """The other side does not speak our protocol, or floods it; ``code`` closes the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class FrameBudget:
    """How many frames one socket may send in a stretch of time."""

    window_ends: float = 0.0
    left: int = FRAMES_PER_WINDOW

    def spend(self, now: float) -> bool:
        """Count one frame; ``False`` when there were too many."""
        if now >= self.window_ends:
            self.window_ends, self.left = now + FRAME_WINDOW_S, FRAMES_PER_WINDOW
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class ChatPage:
    """The server's half of one open page."""

    socket: WebSocket
    token: str = field(repr=False)
    resources: Resources
    live: LiveUpdates
    conversation_id: uuid.UUID
    budget: FrameBudget = field(default_factory=FrameBudget)
    shown_seq: int = 0
    shown_activity: Activity = "idle"

    async def serve(self) -> None:
        """Talk until the page goes away."""
        try:
            if await self._has_ended():
                raise UnusableClientError(CLOSE_SESSION_UNKNOWN)
            hello = await asyncio.wait_for(self._receive(), HELLO_WITHIN_S)
            if not isinstance(hello, Hello):
                raise UnusableClientError(CLOSE_UNUSABLE)
            with self.live.subscribe(str(self.conversation_id)) as news:
                await self._greet(hello.last_seq)
                await self._talk(news)
        except UnusableClientError as error:
            await self._close(error.code)
        except TimeoutError:
            await self._close(CLOSE_UNUSABLE)
        except WebSocketDisconnect:
            log.debug("page_gone")

    async def _talk(self, news: asyncio.Event) -> None:
        """Read and push side by side; whichever ends first ends the other."""
        pushing = asyncio.create_task(self._push_forever(news))
        reading = asyncio.create_task(self._read_forever())
        try:
            await asyncio.wait({pushing, reading}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pushing, reading):
                task.cancel()
            results = await asyncio.gather(pushing, reading, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _read_forever(self) -> None:
        while True:
            frame = await self._receive()
            if isinstance(frame, Message | Choice):
                await self._take(frame)
            elif isinstance(frame, Seen):
                await self._mark_delivered(frame.seq)
            elif isinstance(frame, Ping):
                await self.socket.send_json({"type": "pong"})

    async def _push_forever(self, news: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), LOOK_ANYWAY_S)
            news.clear()
            while await self._push() == outbound.PAGE_OF_ENTRIES:
                pass

    async def _receive(self) -> Hello | Message | Choice | Seen | Ping:
        event = await self.socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", CLOSE_UNUSABLE))
        raw = event.get("text") or ""
        if len(raw) > MAX_FRAME_CHARS:
            raise UnusableClientError(CLOSE_TOO_BIG)
        if not self.budget.spend(asyncio.get_running_loop().time()):
            raise UnusableClientError(CLOSE_UNUSABLE)
        try:
            return CLIENT_FRAME.validate_json(raw)
        except ValidationError as error:
            raise UnusableClientError(CLOSE_UNUSABLE) from error

    async def _greet(self, last_seq: int) -> None:
        news = await self._news_after(last_seq or None)
        self._remember(news, last_seq)
        await self.socket.send_json(transcript_frame("ready", news))
        while len(news.entries) == outbound.PAGE_OF_ENTRIES:
            news = await self._news_after(self.shown_seq)
            self._remember(news, self.shown_seq)
            await self.socket.send_json(transcript_frame("messages", news))

    async def _push(self) -> int:
        """Send what is new; how many lines that were."""
        news = await self._news_after(self.shown_seq)
        if news.entries or news.activity != self.shown_activity:
            self._remember(news, self.shown_seq)
            await self.socket.send_json(transcript_frame("messages", news))
        return len(news.entries)

    def _remember(self, news: Transcript, seq: int) -> None:
        self.shown_seq = news.entries[-1].seq if news.entries else seq
        self.shown_activity = news.activity

    async def _take(self, frame: Message | Choice) -> None:
        try:
            await self._store(frame)
        except (EmptyMessageError, MessageTooLongError, TooFastError) as error:
            await self.socket.send_json(
                {
                    "type": "refused",
                    "id": frame.id,
                    "code": error.code,
                    "text": sentence(error.code, **error.extra),
                }
            )
        else:
            await self.socket.send_json({"type": "ack", "id": frame.id})

    async def _store(self, frame: Message | Choice) -> None:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            text, payload = await self._text_and_payload(repository, frame)
            message = Inbound(
                channel=CHANNEL,
                address=self.token,
                external_id=f"{self.conversation_id}:{frame.id}",
                text=rules.clean_text(text),
                payload=payload,
            )
            await inbound.accept(repository, self.resources.clock, message, client_id=frame.id)

    async def _text_and_payload(
        self, repository: ConversationRepository, frame: Message | Choice
    ) -> tuple[str, str | None]:
        """A payload counts only if it was offered; otherwise the title is plain text."""
        if isinstance(frame, Message):
            return frame.text, None
        chosen = Button(frame.title, frame.payload)
        if await inbound.was_offered(repository, self.conversation_id, chosen):
            return frame.title, frame.payload
        return frame.title, None

    async def _mark_delivered(self, seq: int) -> None:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            now = self.resources.clock.now()
            await repository.mark_delivered(self.conversation_id, seq, now)

    async def _news_after(self, seq: int | None) -> Transcript:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            return await outbound.transcript_after(repository, self.conversation_id, seq)

    async def _has_ended(self) -> bool:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            conversation = await repository.find(self.conversation_id)
            return conversation is not None and conversation.ended_at is not None

    async def _close(self, code: int) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.socket.close(code)
