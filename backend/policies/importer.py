"""``python -m backend.policies.importer FILE.csv [--replace]`` or ``--sample``."""

import argparse
import asyncio
import sys
from pathlib import Path

from backend.core.postgres import database_url
from backend.core.resources import build_resources
from backend.policies.errors import PolicyTableError
from backend.policies.repository import PolicyRepository
from backend.policies.schemas import Imported
from backend.policies.service import PolicyService
from backend.policies.table import SAMPLE
from backend.settings import Settings, load_settings


async def load(settings: Settings, content: bytes, *, replace: bool) -> Imported:
    """Import a table into the settings' database."""
    resources = build_resources(settings, database_url(settings))
    try:
        async with resources.database.transaction() as session:
            return await PolicyService(session, resources).load(content, replace=replace)
    finally:
        await resources.close()


async def load_sample_once(settings: Settings) -> Imported | None:
    """Import the shipped sample into an empty list; an existing list is left alone."""
    resources = build_resources(settings, database_url(settings))
    try:
        async with resources.database.transaction() as session:
            if await PolicyRepository(session).all_by_code():
                return None
            return await PolicyService(session, resources).load(SAMPLE.read_bytes())
    finally:
        await resources.close()


def main(arguments: list[str] | None = None) -> int:
    """0 when imported, 1 with the reasons when not."""
    parser = argparse.ArgumentParser(prog="python -m backend.policies.importer")
    parser.add_argument("file", nargs="?", type=Path, help="the policy list as CSV")
    parser.add_argument("--replace", action="store_true", help="retire what the file lacks")
    parser.add_argument(
        "--sample", action="store_true", help="the shipped sample, if none is there"
    )
    parsed = parser.parse_args(arguments)
    settings = load_settings()
    if parsed.sample:
        done = asyncio.run(load_sample_once(settings))
    elif parsed.file is None:
        parser.error("a file, or --sample")
    else:
        try:
            content = parsed.file.read_bytes()
            done = asyncio.run(load(settings, content, replace=parsed.replace))
        except PolicyTableError as refused:
            sys.stderr.write("\n".join(refused.problems) + "\n")
            return 1
    if done is not None:
        sys.stdout.write(f"新增 {done.added}，更新 {done.changed}，停用 {done.retired}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
