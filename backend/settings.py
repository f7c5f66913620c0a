"""Settings of the backend and its worker, read once by a composition root.

Every variable carries the prefix ``GUANJIA_``, except ``DATABASE_URL``. Secrets have no default:
a process that lacks one stops with the variable's name instead of running unsafely.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_KEY_BYTES = 32
_MIN_SECRET_CHARS = 16


def _decode_key(value: object) -> object:
    """Base64 text → bytes; anything else passes to pydantic."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error


def _exactly_32_bytes(value: bytes) -> bytes:
    if len(value) != _KEY_BYTES:
        raise ValueError(f"must decode to {_KEY_BYTES} bytes, has {len(value)}")
    return value


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _MIN_SECRET_CHARS:
        raise ValueError(f"must have at least {_MIN_SECRET_CHARS} characters")
    return value


def _split_keys(value: object) -> object:
    """Comma-separated base64 keys → a list of bytes."""
    if not isinstance(value, str):
        return value
    return [_decode_key(part.strip()) for part in value.split(",") if part.strip()]


def _split_origins(value: object) -> object:
    """Comma-separated origins → a tuple, without trailing slashes."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())


def _is_encoding_aes_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9A-Za-z+/]{43}", value.get_secret_value()):
        raise ValueError("must be an EncodingAESKey: 43 letters and digits")
    return value


EncodingAesKey = Annotated[SecretStr, AfterValidator(_is_encoding_aes_key)]
Key = Annotated[bytes, BeforeValidator(_decode_key), AfterValidator(_exactly_32_bytes)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]


class Settings(BaseSettings):
    """All settings; build it once (``Settings()``) and hand it on."""

    model_config = SettingsConfigDict(
        env_prefix="GUANJIA_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    # where things are
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_base_url: str = "http://127.0.0.1:8000"
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    data_dir: Path = Path("var")
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    embed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_origins)] = ()
    """Sites that may show the chat in a frame, such as ``https://www.dg.gov.cn``."""

    # secrets
    service_token: Secret
    rasa_token: Secret
    session_key: Secret
    contact_key: Key = Field(repr=False)
    contact_keys_retired: Annotated[tuple[Key, ...], NoDecode, BeforeValidator(_split_keys)] = (
        Field(default=(), repr=False)
    )
    hash_key: Key = Field(repr=False)
    staff_password_agent: SecretStr | None = None
    staff_password_village: SecretStr | None = None
    staff_password_town: SecretStr | None = None
    staff_password_city: SecretStr | None = None
    staff_password_supervisor: SecretStr | None = None
    staff_password_auditor: SecretStr | None = None

    # WeChat Official Account; off unless the first three are there
    wechat_app_id: str | None = None
    wechat_secret: SecretStr | None = None
    wechat_token: SecretStr | None = None
    wechat_aes_key: EncodingAesKey | None = None
    wechat_mode: Literal["secure", "compatible", "plain"] = "secure"
    wechat_api_url: str = "https://api.weixin.qq.com"
    wechat_passive_wait_s: float = Field(default=0.6, ge=0, le=4)
    wechat_max_skew_s: int = Field(default=300, ge=1)
    wechat_templates: dict[str, str] = Field(default_factory=dict)
    """Our template's name to the account's template id, as JSON."""

    # limits
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    max_photos_bytes: int = Field(default=32_000_000, ge=1_000)
    """Of a form that brings photos."""
    database_pool_size: int = Field(default=10, ge=1)
    assistant_timeout_s: float = Field(default=20.0, gt=0)
    probe_timeout_s: float = Field(default=2.0, gt=0)
    staff_token_hours: int = Field(default=12, ge=1)
    staff_idle_minutes: int = Field(default=60, ge=1)
    login_tries: int = Field(default=5, ge=1)
    login_window_s: int = Field(default=300, ge=1)
    status_tries: int = Field(default=5, ge=1)
    status_window_s: int = Field(default=3600, ge=1)

    # text messages
    sms_provider: Literal["console", "twilio", "gateway"] = "console"
    sms_timeout_s: float = Field(default=8.0, gt=0, le=15)
    twilio_api_url: str = "https://api.twilio.com"
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_auth_token_retired: SecretStr | None = None
    """The other one of the two valid tokens while they are being changed."""
    twilio_sender: str | None = None
    """A number of ours in E.164, or a Messaging Service (``MG…``)."""
    sms_gateway_url: str | None = None
    sms_gateway_app_id: str | None = None
    sms_gateway_secret: Secret | None = None
    sms_template_sheet: Path | None = None
    """The sheet of ``make sms-templates`` with the carrier's template ids filled in."""

    # local decisions where the plan gives no number (shown as 本地设置)
    verification_working_days: int = Field(default=3, ge=1)
    claim_wait_days: int = Field(default=30, ge=1)
    follow_up_working_days: int = Field(default=3, ge=1)
    reopen_days: int = Field(default=30, ge=1)
    roll_forward: bool = False

    # reminders of deadlines, in working days before and after the due date
    remind_before_days: int = Field(default=2, ge=1)
    escalate_town_days: int = Field(default=2, ge=1)
    escalate_city_days: int = Field(default=5, ge=1)

    # notices to whoever follows a case; hours of Dongguan
    notice_merge_minutes: int = Field(default=60, ge=0)
    quiet_from_hour: int = Field(default=21, ge=0, le=23)
    quiet_until_hour: int = Field(default=8, ge=0, le=23)
    notice_unseen_hours: int = Field(default=24, ge=1)
    """After that a notice nobody has seen goes out on the next channel."""

    # how many days is kept what has served its time (backend/operation/cleaning.py)
    keep_failed_tries_days: int = Field(default=7, ge=1)
    keep_idempotency_keys_days: int = Field(default=30, ge=1)
    keep_ended_sessions_days: int = Field(default=7, ge=0)
    keep_job_periods_days: int = Field(default=60, ge=2)
    keep_transcripts_days: int = Field(default=7, ge=1)
    keep_answered_offers_days: int = Field(default=180, ge=1)
    keep_moved_drafts_days: int = Field(default=365, ge=30)
    """As long as a conversation may still hold a draft that went on elsewhere."""
    keep_finished_jobs_days: int = Field(default=7, ge=1)

    log_level: str = "INFO"

    @property
    def postgres_dir(self) -> Path:
        """Data folder of the embedded PostgreSQL."""
        return self.data_dir / "pg"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and ``.env``, with overrides by field name."""
    return Settings(**overrides)
