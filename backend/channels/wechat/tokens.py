"""The API token: one per account, shared by all processes through a locked row."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.wechat.account import Account
from backend.channels.wechat.models import WeChatAccessToken
from backend.conversations.delivery import RetryableDeliveryError
from backend.core.db import locked
from backend.core.resources import Resources

_PURPOSE = "wechat-access-token"
_EARLY = timedelta(minutes=5)
_FORCE_AT_MOST_EVERY = timedelta(seconds=30)
_TIMEOUT_S = 5.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class AccessTokens:
    """``POST /cgi-bin/stable_token`` behind the row of the account.

    Each process keeps the token it has read; when another one has renewed it, the platform refuses
    ours, and the row is read again.
    """

    resources: Resources
    account: Account
    url: str
    _kept: tuple[str, datetime] | None = field(default=None, repr=False)

    async def current(self) -> str:
        """A token that is good for some minutes.

        Raises:
            RetryableDeliveryError: none can be had now; nothing was sent.
        """
        if self._kept is not None and self._is_good_until(self._kept[1]):
            return self._kept[0]
        return await self._from_row(refused=None)

    async def renewed(self, refused: str) -> str:
        """Another token than the one the platform has just refused.

        Raises:
            RetryableDeliveryError: none can be had now; nothing was sent.
        """
        self._kept = None
        return await self._from_row(refused=refused)

    async def _from_row(self, refused: str | None) -> str:
        try:
            async with self.resources.database.transaction() as session:
                row = await session.get(WeChatAccessToken, self.account.app_id)
                token = self._usable(row, refused)
                return token if token is not None else await self._renew(session, refused)
        except SQLAlchemyError as error:
            raise RetryableDeliveryError("database_down") from error

    async def _renew(self, session: AsyncSession, refused: str | None) -> str:
        """Under the row's lock: what another process has got meanwhile, or a new one."""
        row = await self._locked_row(session)
        token = self._usable(row, refused)
        if token is not None:
            return token
        now = self.resources.clock.now()
        answer = await self._fetch(force=False)
        may_force = row.forced_at is None or now - row.forced_at >= _FORCE_AT_MOST_EVERY
        if answer["access_token"] == refused and may_force:
            row.forced_at = now
            answer = await self._fetch(force=True)
        token = str(answer["access_token"])
        row.sealed = self.resources.vault.seal({"token": token}, _PURPOSE)
        row.expires_at = now + timedelta(seconds=int(answer["expires_in"]))
        if token == refused:
            raise RetryableDeliveryError("token_refused", 30)
        return token

    def _usable(self, row: WeChatAccessToken | None, refused: str | None) -> str | None:
        if row is None or row.sealed is None or row.expires_at is None:
            return None
        token = self.resources.vault.open(row.sealed, _PURPOSE)["token"]
        if token is None or token == refused or not self._is_good_until(row.expires_at):
            return None
        self._kept = token, row.expires_at
        return token

    def _is_good_until(self, expires_at: datetime) -> bool:
        return expires_at - _EARLY > self.resources.clock.now()

    async def _locked_row(self, session: AsyncSession) -> WeChatAccessToken:
        await session.execute(
            insert(WeChatAccessToken).values(app_id=self.account.app_id).on_conflict_do_nothing()
        )
        found = await session.scalars(
            locked(select(WeChatAccessToken).where(WeChatAccessToken.app_id == self.account.app_id))
        )
        return found.one()

    async def _fetch(self, *, force: bool) -> dict[str, Any]:
        """The platform returns the same token while it is good; ``force`` ends that one (20 a day)."""
        try:
            response = await self.resources.http.post(
                f"{self.url}/cgi-bin/stable_token",
                json={
                    "grant_type": "client_credential",
                    "appid": self.account.app_id,
                    "secret": self.account.secret,
                    "force_refresh": force,
                },
                timeout=_TIMEOUT_S,
            )
            answer: dict[str, Any] = response.json()
            if answer.get("access_token") and int(answer["expires_in"]) > 0:
                return answer
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RetryableDeliveryError("token_unreachable") from error
        log.error("wechat_token_refused", errcode=answer.get("errcode"))
        raise RetryableDeliveryError(f"token_errcode_{answer.get('errcode')}", 60)
