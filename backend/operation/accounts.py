"""Making accounts: ``python -m backend.operation.accounts add NAME --role village --village CODE``.

Prints a first password once; it must be replaced at the first sign-in. ``reset NAME`` gives a new
first password and ends all sessions, ``close NAME`` shuts an account.
"""

import argparse
import asyncio
import getpass
import secrets
import sys

from backend.core.clock import SystemClock
from backend.core.db import create_database
from backend.core.postgres import database_url
from backend.core.resources import build_vault
from backend.places.service import TOWN_CODE_CHARS, gazetteer
from backend.settings import Settings, load_settings
from backend.staff.audit import AuditLog
from backend.staff.models import StaffAccount
from backend.staff.passwords import hash_password
from backend.staff.repository import StaffRepository
from backend.staff.rules import ROLE_LABELS


class AccountError(Exception):
    """What was asked for cannot be done; the message says why."""


async def add(
    rows: StaffRepository,
    audit: AuditLog,
    *,
    username: str,
    role: str,
    display_name: str | None = None,
    town: str | None = None,
    village: str | None = None,
    by: str = "command line",
) -> str:
    """A new account's first password.

    Raises:
        AccountError: the name is taken, or the place does not fit the role.
    """
    if await rows.by_username(username):
        raise AccountError(f"用户名已经有了：{username}")
    places = gazetteer()
    town = town or (village[:TOWN_CODE_CHARS] if village else None)
    if (village and village not in places.villages) or (town and town not in places.towns):
        raise AccountError("没有这个镇街或村（社区）的代码")
    if (role == "village" and not village) or (role == "town" and not town):
        raise AccountError("村（社区）账号要有 --village，镇街账号要有 --town")
    password = secrets.token_urlsafe(12)
    await rows.add(
        StaffAccount(
            username=username,
            display_name=display_name or username,
            role=role,
            town=town,
            village=village,
            password_hash=hash_password(password),
            must_change_password=True,
            active=True,
            created_at=SystemClock().now(),
        )
    )
    await audit.write(by, "account_created", reason=username)
    return password


async def reset(rows: StaffRepository, audit: AuditLog, username: str, by: str) -> str:
    """A new first password for a known account; its sessions end."""
    account = await _known(rows, username)
    password = secrets.token_urlsafe(12)
    account.password_hash = hash_password(password)
    account.must_change_password = True
    await rows.revoke_all(account.id, SystemClock().now())
    await audit.write(by, "password_changed", reason=username)
    return password


async def close(rows: StaffRepository, audit: AuditLog, username: str, by: str) -> None:
    """Shut an account; its sessions end."""
    account = await _known(rows, username)
    account.active = False
    await rows.revoke_all(account.id, SystemClock().now())
    await audit.write(by, "account_closed", reason=username)


async def _known(rows: StaffRepository, username: str) -> StaffAccount:
    account = await rows.by_username(username)
    if account is None:
        raise AccountError(f"没有这个账号：{username}")
    return account


async def _run(settings: Settings, asked: argparse.Namespace) -> str:
    database = create_database(database_url(settings))
    by = f"命令行 {getpass.getuser()}"
    try:
        async with database.transaction() as session:
            rows = StaffRepository(session)
            audit = AuditLog(session, build_vault(settings), SystemClock())
            if asked.command == "close":
                await close(rows, audit, asked.username, by)
                return f"{asked.username} 已停用"
            if asked.command == "reset":
                password = await reset(rows, audit, asked.username, by)
            else:
                password = await add(
                    rows,
                    audit,
                    username=asked.username,
                    role=asked.role,
                    display_name=asked.name,
                    town=asked.town,
                    village=asked.village,
                    by=by,
                )
            return f"{asked.username} 的初始密码（只显示这一次，首次登录必须修改）：{password}"
    finally:
        await database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.operation.accounts")
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("add", help="make an account")
    new.add_argument("username")
    new.add_argument("--role", required=True, choices=sorted(ROLE_LABELS))
    new.add_argument("--name", help="how the account is shown")
    new.add_argument("--town", help="nine-digit code")
    new.add_argument("--village", help="twelve-digit code")
    for command, text in (("reset", "a new first password"), ("close", "shut an account")):
        commands.add_parser(command, help=text).add_argument("username")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """0 when done, 1 with the reason when not."""
    asked = _parser().parse_args(arguments)
    try:
        sys.stdout.write(asyncio.run(_run(load_settings(), asked)) + "\n")
    except AccountError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
