"""The action server's only way to the rest of the product: the backend's HTTP API."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx

from actions.errors import BackendDown, BackendRefused
from actions.settings import Settings

Json = dict[str, Any]
_HINT_TIMEOUT_S = 1.0
_SEARCHED_CHARS = 500


class BackendClient:
    """Calls of contract.md that a conversation needs.

    Every method raises BackendDown or BackendRefused, never an httpx error.
    """

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{settings.backend_url}/api/v1",
            headers={"Authorization": f"Bearer {settings.service_token}"},
            timeout=settings.timeout_s,
            transport=transport,
        )

    async def create_case(self, case: Json, idempotency_key: str) -> Json:
        """Files a case; the same key returns the same case."""
        return await self._post("/cases", case, {"Idempotency-Key": idempotency_key})

    async def query_status(self, query: Json) -> Json:
        """Asks for a case's status on proof of ownership."""
        return await self._post("/status-queries", query)

    async def create_callback(self, callback: Json) -> Json:
        """Records that somebody must ring this citizen."""
        return await self._post("/callbacks", callback)

    async def policy_to_tell(self, text: str, type_: str) -> Json | None:
        """The policy that surely fits a request, if there is one; a second at most is spent on it."""
        query = {"text": text[:_SEARCHED_CHARS], "type": type_, "sure": "true"}
        try:
            answer = await self._http.get("/policies/search", params=query, timeout=_HINT_TIMEOUT_S)
        except (httpx.HTTPError, OSError) as error:
            raise BackendDown(type(error).__name__) from error
        if answer.is_error:
            raise BackendRefused(answer.status_code, "unknown")
        items = _json(answer).get("items") or [None]
        policy: Json | None = items[0]
        return policy

    async def add_to_case(self, case_no: str, what: str, body: Json) -> Json:
        """Adds to a case: `what` is supplements, ratings or withdrawal."""
        return await self._post(f"/cases/{case_no}/{what}", body)

    async def heed_wish(self, wish: Json) -> Json:
        """Keeps how this person wants to hear of their cases."""
        return await self._post("/notice-wishes", wish)

    async def keep_draft(self, draft_id: str, body: Json) -> None:
        """Keeps an open draft as it stands; a second at most is spent on it."""
        await self._call("PUT", f"/drafts/{draft_id}", json=body, timeout=_HINT_TIMEOUT_S)

    async def drop_draft(self, draft_id: str, conversation_id: str) -> None:
        """Forgets a draft that is filed or taken back; a second at most is spent on it."""
        asker = {"conversation_id": conversation_id}
        await self._call("DELETE", f"/drafts/{draft_id}", params=asker, timeout=_HINT_TIMEOUT_S)

    async def draft_whereabouts(self, draft_id: str, conversation_id: str) -> Json:
        """Whether a draft went on elsewhere; a second at most is spent on it."""
        path, asker = f"/drafts/{draft_id}/whereabouts", {"conversation_id": conversation_id}
        return await self._call("GET", path, params=asker, timeout=_HINT_TIMEOUT_S)

    async def draft_code(self, draft_id: str, conversation_id: str) -> Json:
        """A code with which the draft goes on elsewhere."""
        return await self._post(f"/drafts/{draft_id}/code", {"conversation_id": conversation_id})

    async def take_draft(self, taking: Json) -> Json:
        """The draft that this conversation proves to be its citizen's."""
        return await self._post("/drafts/takings", taking)

    async def offer_draft(self, conversation_id: str) -> Json:
        """What is open elsewhere with this citizen's number; a second at most is spent on it."""
        asking = {"conversation_id": conversation_id}
        return await self._call("POST", "/drafts/offers", json=asking, timeout=_HINT_TIMEOUT_S)

    async def _post(self, path: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        return await self._call("POST", path, json=body, headers=headers)

    async def _call(self, method: str, path: str, **more: Any) -> Json:
        try:
            answer = await self._http.request(method, path, **more)
        except (httpx.HTTPError, OSError) as error:
            raise BackendDown(type(error).__name__) from error
        if answer.status_code >= 500:
            raise BackendDown(str(answer.status_code))
        payload: Json = _json(answer)
        if answer.is_error:
            raise BackendRefused(answer.status_code, str(payload.get("code", "unknown")))
        return payload


def _json(answer: httpx.Response) -> Json:
    if answer.status_code == httpx.codes.NO_CONTENT:
        return {}
    try:
        payload = answer.json()
    except ValueError as error:
        if answer.is_error:
            return {}
        raise BackendDown("unreadable answer") from error
    return payload if isinstance(payload, dict) else {"items": payload}


@lru_cache(maxsize=1)
def backend() -> BackendClient:
    """The process's client, made at its first use."""
    return BackendClient(Settings.from_env())
