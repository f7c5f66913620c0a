"""The `.env` file: written from `.env.example` at the first run, secrets filled in, mode 600."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _token() -> str:
    return secrets.token_urlsafe(32)


def _password() -> str:
    return secrets.token_urlsafe(9)


SECRETS: dict[str, Callable[[], str]] = {
    "GUANJIA_SERVICE_TOKEN": _token,
    "GUANJIA_RASA_TOKEN": _token,
    "GUANJIA_SESSION_KEY": _token,
    "GUANJIA_CONTACT_KEY": _key,
    "GUANJIA_HASH_KEY": _key,
    "GUANJIA_STAFF_PASSWORD_AGENT": _password,
    "GUANJIA_STAFF_PASSWORD_VILLAGE": _password,
    "GUANJIA_STAFF_PASSWORD_TOWN": _password,
    "GUANJIA_STAFF_PASSWORD_CITY": _password,
    "GUANJIA_STAFF_PASSWORD_SUPERVISOR": _password,
    "GUANJIA_STAFF_PASSWORD_AUDITOR": _password,
}


def parse(text: str) -> dict[str, str]:
    """`NAME=value` lines; comments and blank lines are skipped."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#")
    return {name.strip(): value.strip() for name, value in pairs}


def completed(text: str, example: str) -> str:
    """The file's text with what the example has beyond it, and every empty secret filled in."""
    present = parse(text)
    missing = [line for line in example.splitlines() if _names_missing(line, present)]
    lines = (text.splitlines() + missing) if text else example.splitlines()
    return "\n".join(_filled(line) for line in lines) + "\n"


def _names_missing(line: str, present: dict[str, str]) -> bool:
    return "=" in line and line[0] != "#" and line.split("=", 1)[0].strip() not in present


def _filled(line: str) -> str:
    name = line.split("=", 1)[0].strip()
    return (
        f"{name}={SECRETS[name]()}"
        if name in SECRETS and line.rstrip().endswith(f"{name}=")
        else line
    )


def ensure(root: Path = ROOT) -> tuple[dict[str, str], bool]:
    """Writes or completes `.env`; returns its values and whether it was new."""
    path = root / ".env"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    after = completed(before, (root / ".env.example").read_text(encoding="utf-8"))
    if after != before:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(after)
        path.chmod(0o600)
    return parse(after), not before


if __name__ == "__main__":
    ensure()
