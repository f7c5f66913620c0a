"""Sample accounts for a first look; only for a backend that listens on loopback.

``python -m backend.staff.samples`` creates them with the passwords from ``.env``.
"""

import asyncio
import ipaddress

from pydantic import SecretStr

from backend.core.clock import SystemClock
from backend.core.db import create_database
from backend.core.postgres import database_url
from backend.settings import Settings, load_settings
from backend.staff.models import StaffAccount
from backend.staff.passwords import check_password, hash_password
from backend.staff.repository import StaffRepository

SAMPLES = (
    ("agent", "热线坐席（示例）", "hotline", None, None),
    ("village", "上沙社区经办人（示例）", "village", "441900119", "441900119011"),
    ("town", "长安镇经办人（示例）", "town", "441900119", None),
    ("city", "市民政局经办人（示例）", "city", None, None),
    ("supervisor", "监督员（示例）", "supervisor", None, None),
    ("auditor", "审计员（示例）", "auditor", None, None),
)


def is_loopback(host: str) -> bool:
    """Whether a listening address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def ensure_sample_accounts(rows: StaffRepository, settings: Settings) -> list[str]:
    """Create or update the sample accounts whose password is set; return their names.

    Does nothing unless the backend listens on loopback.
    """
    if not is_loopback(settings.host):
        return []
    ready = []
    for username, display_name, role, town, village in SAMPLES:
        password: SecretStr | None = getattr(settings, f"staff_password_{username}")
        if password is None:
            continue
        account = await rows.by_username(username) or StaffAccount(
            username=username, created_at=SystemClock().now(), password_hash="", active=True
        )
        account.display_name, account.role = display_name, role
        account.town, account.village = town, village
        if not check_password(password.get_secret_value(), account.password_hash):
            account.password_hash = hash_password(password.get_secret_value())
        await rows.add(account)
        ready.append(username)
    return ready


async def _main(settings: Settings) -> list[str]:
    database = create_database(database_url(settings))
    async with database.transaction() as session:
        ready = await ensure_sample_accounts(StaffRepository(session), settings)
    await database.close()
    return ready


if __name__ == "__main__":
    asyncio.run(_main(load_settings()))
