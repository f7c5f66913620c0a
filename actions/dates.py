"""Dates as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


def spoken_date(moment: str) -> str:
    """An RFC 3339 time or date as “11月18日” in Shanghai."""
    at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    local = at.astimezone(SHANGHAI) if at.tzinfo else at
    return f"{local.month}月{local.day}日"
