"""Structured logs: one JSON object a line on stderr, without personal data.

Two nets: fields whose name says they hold a person's data are dropped, and every remaining string
passes the masking of ``privacy.mask_text``.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from backend.core.privacy import mask_text

PERSONAL_KEYS = frozenset(
    [
        "text",
        "description",
        "summary",
        "address",
        "note",
        "reason",
        "body",
        "contact",
        "contact_name",
        "contact_phone",
        "phone",
        "phone_last4",
        "name",
        "person",
        "openid",
        "sender",
        "external_id",
        "conversation_id",
        "password",
        "token",
        "secret",
        "authorization",
        "cookie",
        "q",
        "query",
        "username",
    ]
)
_HIDDEN = "[hidden]"
_EVERY_JOB = frozenset(["jobs_deferred", "start_job", "job_success"])


def _clean(value: object) -> object:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: _clean_field(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _clean_field(key: str, value: object) -> object:
    if key in PERSONAL_KEYS and value is not None:
        return _HIDDEN
    return _clean(value)


def hide_people(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: hide personal fields, mask numbers everywhere else."""
    for key in list(event):
        event[key] = _clean_field(key, event[key])
    return event


def tells_news(record: logging.LogRecord) -> bool:
    """Whether a record of the queue's engine says more than that a job was queued, began or went well."""
    return getattr(record, "action", None) not in _EVERY_JOB


def configure_logging(level: str = "INFO") -> None:
    """Send structlog and standard logging through the same processors; call once per process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_people,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for queue in ("procrastinate.jobs", "procrastinate.worker", "procrastinate.worker.worker"):
        logging.getLogger(queue).addFilter(tells_news)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
