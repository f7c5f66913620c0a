"""A citizen at the chat's WebSocket, as the page speaks it."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from backend.channels.webchat.session import COOKIE


@dataclass
class Citizen:
    """One browser: a session cookie and at most one open page."""

    address: str
    cookie: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    page: ClientConnection | None = None

    @classmethod
    async def with_new_session(cls, address: str) -> "Citizen":
        """Open ``/chat`` once, as a browser does, to be given a session."""
        async with httpx.AsyncClient(trust_env=False) as http:
            response = await http.get(f"{address}/chat")
        return cls(address, response.cookies[COOKIE])

    async def open(self, last_seq: int = 0, origin: str | None = None) -> dict[str, Any]:
        """Open a page; the ``ready`` frame."""
        self.page = await connect(
            f"{self.address.replace('http', 'ws', 1)}/chat/ws",
            additional_headers={"Cookie": f"{COOKIE}={self.cookie}"},
            origin=origin or self.address,  # type: ignore[arg-type]
            proxy=None,
        )
        await self.send({"type": "hello", "last_seq": last_seq})
        return await self.next("ready")

    async def leave(self) -> None:
        """Close the page."""
        if self.page is not None:
            await self.page.close()
            self.page = None

    async def second_tab(self) -> "Citizen":
        """Another page of the same browser, opened."""
        tab = Citizen(self.address, self.cookie)
        await tab.open()
        return tab

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame as it is."""
        assert self.page is not None
        await self.page.send(json.dumps(frame, ensure_ascii=False))

    async def say(self, text: str, message_id: str | None = None) -> str:
        """Send a message; its id."""
        sent = message_id or str(uuid.uuid4())
        await self.send({"type": "message", "id": sent, "text": text})
        return sent

    async def next(self, kind: str, within_s: float = 10.0) -> dict[str, Any]:
        """The next frame of that type; others are kept in ``frames``."""
        assert self.page is not None
        async with asyncio.timeout(within_s):
            while True:
                frame: dict[str, Any] = json.loads(await self.page.recv())
                self.frames.append(frame)
                if frame["type"] == kind:
                    return frame

    async def hears(self, text: str, within_s: float = 15.0) -> dict[str, Any]:
        """The bot's message with that text, waiting for it."""
        while True:
            for entry in self.transcript():
                if entry["from"] == "bot" and text in entry["text"]:
                    return entry
            await self.next("messages", within_s)

    def transcript(self) -> list[dict[str, Any]]:
        """All lines this page was sent, in the order of arrival."""
        return [
            entry
            for frame in self.frames
            if frame["type"] in ("ready", "messages")
            for entry in frame["messages"]
        ]

    def bot_texts(self) -> list[str]:
        """What the bot said to this page."""
        return [entry["text"] for entry in self.transcript() if entry["from"] == "bot"]
