"""``/chat/ws``: verify where the page comes from and whose it is, then talk."""

from fastapi import APIRouter, WebSocket

from backend.channels.webchat.channel import CHANNEL, CLOSE_SESSION_UNKNOWN, ChatPage
from backend.channels.webchat.session import COOKIE, ChatSessions, is_same_origin
from backend.conversations.identity import conversation_id
from backend.core.resources import ResourcesDep
from backend.settings import Settings

router = APIRouter()
_FORBIDDEN = 1008


def chat_sessions(settings: Settings) -> ChatSessions:
    """The sessions of this installation."""
    return ChatSessions(
        key=settings.session_key.get_secret_value().encode(),
        is_https=settings.public_base_url.startswith("https://"),
    )


@router.websocket("/chat/ws")
async def chat_socket(socket: WebSocket, resources: ResourcesDep) -> None:
    """One page's conversation; frames are described in ``payloads.py``.

    A foreign ``Origin`` is refused with HTTP 403, a missing or foreign session with close code
    4401: the page then loads itself again to be given one.
    """
    headers, settings = socket.headers, resources.settings
    if not is_same_origin(headers.get("origin"), headers.get("host"), settings.public_base_url):
        await socket.close(_FORBIDDEN)
        return
    await socket.accept()
    token = socket.cookies.get(COOKIE)
    if token is None or not chat_sessions(settings).is_ours(token):
        await socket.close(CLOSE_SESSION_UNKNOWN)
        return
    page = ChatPage(
        socket=socket,
        token=token,
        resources=resources,
        live=socket.app.state.live,
        conversation_id=conversation_id(resources.vault, CHANNEL, token),
    )
    await page.serve()
