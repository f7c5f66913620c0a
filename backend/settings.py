"""Settings of the backend and its worker, read once by a composition root.

Every variable carries the prefix ``GUANJIA_``, except ``DATABASE_URL``. Secrets have no default:
a process that lacks one stops with the variable's name instead of running unsafely.
"""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Any

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

    # limits
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    database_pool_size: int = Field(default=10, ge=1)
    assistant_timeout_s: float = Field(default=20.0, gt=0)
    probe_timeout_s: float = Field(default=2.0, gt=0)
    staff_token_hours: int = Field(default=12, ge=1)
    staff_idle_minutes: int = Field(default=60, ge=1)
    login_tries: int = Field(default=5, ge=1)
    login_window_s: int = Field(default=300, ge=1)
    status_tries: int = Field(default=5, ge=1)
    status_window_s: int = Field(default=3600, ge=1)

    # local decisions where the plan gives no number (shown as 本地设置)
    verification_working_days: int = Field(default=3, ge=1)
    claim_wait_days: int = Field(default=30, ge=1)
    roll_forward: bool = False

    log_level: str = "INFO"

    @property
    def postgres_dir(self) -> Path:
        """Data folder of the embedded PostgreSQL."""
        return self.data_dir / "pg"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and ``.env``, with overrides by field name."""
    return Settings(**overrides)
