"""Call-back tasks as JSON."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from backend.core.clock import Timestamp
from backend.core.text import Clean, Code, Paragraph


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


_Phone = Annotated[str, StringConstraints(max_length=40), Clean]


class CallbackIn(BaseModel):
    """A request to be rung; the same conversation and reason is one task until it is done."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": "webchat-5f0c",
                    "channel": "webchat",
                    "phone": "13800001234",
                    "reason": "asked_for_person",
                    "text": "我想找个人说",
                }
            ]
        }
    )

    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=255), Clean]
    channel: Literal["wechat", "webchat", "sms", "hotline", "staff"] | None = None
    phone: Annotated[_Phone | None, BeforeValidator(_none_if_blank)] = None
    reason: Code
    text: Annotated[Paragraph | None, BeforeValidator(_none_if_blank)] = None


@dataclass(frozen=True, slots=True)
class Matter:
    """The case a call is about; the staff of its place make the call."""

    case_no: str
    town: str | None
    village: str | None


class CallbackOut(BaseModel):
    """A task; the phone is shown because it is there to be rung, to those who ring only."""

    id: int
    conversation_id: str
    channel: str | None
    phone: str | None
    reason: str
    text: str | None
    case_no: str | None
    status: Literal["open", "done"]
    created_at: Timestamp
    updated_at: Timestamp


class CallbackReceipt(BaseModel):
    """What the service learns: that the task is recorded."""

    id: int
    status: Literal["open", "done"]
    created_at: Timestamp


class CallbackList(BaseModel):
    """Tasks, the most urgent first, then the oldest."""

    items: list[CallbackOut]
