"""What each ``errcode`` of the platform's API means for a message.

Names as in wechatpy/constants.py; the platform answers 200 with an errcode in the body.
"""

from dataclasses import dataclass
from enum import Enum

from backend.conversations.delivery import PermanentDeliveryError, RetryableDeliveryError


class Then(Enum):
    """What to do."""

    RETRY = "retry"
    REFRESH = "refresh"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Meaning:
    """``closes_channel``: no other way inside WeChat can reach this person either."""

    then: Then
    reason: str
    wait_s: int | None = None
    closes_channel: bool = False


ERRCODES: dict[int, Meaning] = {
    -1: Meaning(Then.RETRY, "busy"),
    40001: Meaning(Then.REFRESH, "token_invalid"),
    40003: Meaning(Then.PERMANENT, "bad_openid", closes_channel=True),
    40014: Meaning(Then.REFRESH, "token_invalid"),
    40037: Meaning(Then.PERMANENT, "bad_template_id"),
    40164: Meaning(Then.RETRY, "address_not_on_whitelist", wait_s=600),
    42001: Meaning(Then.REFRESH, "token_expired"),
    43004: Meaning(Then.PERMANENT, "not_following", closes_channel=True),
    43101: Meaning(Then.PERMANENT, "user_refused"),
    44004: Meaning(Then.PERMANENT, "empty"),
    45002: Meaning(Then.PERMANENT, "too_long"),
    45009: Meaning(Then.RETRY, "daily_quota", wait_s=3600),
    45011: Meaning(Then.RETRY, "minute_quota", wait_s=60),
    45015: Meaning(Then.PERMANENT, "outside_48_hours"),
    45047: Meaning(Then.PERMANENT, "count_exceeded"),
    47003: Meaning(Then.PERMANENT, "template_argument"),
    48001: Meaning(Then.PERMANENT, "api_not_authorised"),
    48002: Meaning(Then.PERMANENT, "user_blocks_messages", closes_channel=True),
    48004: Meaning(Then.PERMANENT, "api_banned"),
    50001: Meaning(Then.PERMANENT, "api_not_granted"),
}


class RefusedByWeChatError(PermanentDeliveryError):
    """The platform said no; ``closes_channel`` as in the table."""

    def __init__(self, reason: str, *, closes_channel: bool = False) -> None:
        super().__init__(reason)
        self.closes_channel = closes_channel


def meaning(errcode: int) -> Meaning:
    """What the code means; one we do not know was a refusal."""
    return ERRCODES.get(errcode) or Meaning(Then.PERMANENT, f"errcode_{errcode}")


def raise_for(errcode: int) -> None:
    """Raise what the code means; 0 is success.

    Raises:
        RetryableDeliveryError, RefusedByWeChatError: after the table.
    """
    if errcode == 0:
        return
    found = meaning(errcode)
    if found.then is Then.PERMANENT:
        raise RefusedByWeChatError(found.reason, closes_channel=found.closes_channel)
    raise RetryableDeliveryError(found.reason, found.wait_s)
