"""``/chat``: the page around the chat channel."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.channels.webchat.channel import CHANNEL
from backend.channels.webchat.endpoints import chat_sessions
from backend.channels.webchat.session import COOKIE, is_same_origin
from backend.conversations.identity import conversation_id
from backend.conversations.repository import ConversationRepository
from backend.conversations.rules import MAX_MESSAGE_CHARS
from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError
from backend.core.resources import ResourcesDep
from backend.web.pages import Pages

CALLABLE_NUMBERS = (
    "110 119 120 122 12345 12315 12320 12333 12338 12348 12350 12355 12356 12369 12385 12388 "
    "12393 12396 95598"
)
"""Public service numbers that a message may turn into a link."""


class ForeignPageError(ForbiddenError):
    """Another site's page tried to end a conversation."""

    code = "foreign_page"


router = APIRouter(include_in_schema=False)
Embedded = Annotated[bool, Query(alias="embed")]


@router.get("/chat")
async def chat(request: Request, resources: ResourcesDep, embedded: Embedded = False) -> Response:
    """The chat page; gives a session cookie to who has none."""
    settings, pages = resources.settings, _pages(request)
    response = pages.render(
        "chat.html",
        frame_ancestors=settings.embed_origins if embedded else (),
        embedded=embedded,
        max_length=MAX_MESSAGE_CHARS,
        phone_numbers=CALLABLE_NUMBERS,
    )
    sessions = chat_sessions(settings)
    token = request.cookies.get(COOKIE)
    if not sessions.is_ours(token) or await _has_ended(resources, str(token)):
        sessions.set_cookie(response, sessions.new_token(), embedded=embedded)
    return response


@router.post("/chat/end")
async def end_chat(
    request: Request, resources: ResourcesDep, session: SessionDep, embedded: Embedded = False
) -> Response:
    """Close the conversation for good and start a new one: for computers that others use too."""
    headers, settings = request.headers, resources.settings
    if not is_same_origin(headers.get("origin"), headers.get("host"), settings.public_base_url):
        raise ForeignPageError
    sessions, token = chat_sessions(settings), request.cookies.get(COOKIE)
    if token is not None and sessions.is_ours(token):
        repository = ConversationRepository(session, resources.vault)
        key = conversation_id(resources.vault, CHANNEL, token)
        await repository.mark_ended(key, resources.clock.now())
    response = RedirectResponse("/chat?embed=1" if embedded else "/chat", status_code=303)
    sessions.set_cookie(response, sessions.new_token(), embedded=embedded)
    return response


async def _has_ended(resources: ResourcesDep, token: str) -> bool:
    async with resources.database.transaction() as session:
        repository = ConversationRepository(session, resources.vault)
        found = await repository.find(conversation_id(resources.vault, CHANNEL, token))
        return found is not None and found.ended_at is not None


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages
