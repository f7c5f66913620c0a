"""Command line of the look; needs a running product whose sample accounts are in `.env`."""

import argparse
import asyncio
import sys
from pathlib import Path

from playwright.async_api import async_playwright

from scripts.env_file import ROOT, parse
from tests.support.chromium import launch
from tests.web.browser import DESKTOP, PHONE
from tests.web.look.measuring import LOADS, Sight, look_at
from tests.web.look.people import MEMBERS, People
from tests.web.look.stops import stops


async def look(
    backend: str, out: Path, passwords: dict[str, str], only: str, zoom: float
) -> list[Sight]:
    """Every page as everybody, at both widths; enlarged, once each."""
    seen = []
    async with async_playwright() as playwright:
        people = People(await launch(playwright), backend.rstrip("/"), passwords, zoom)
        loads = LOADS if zoom == 1 else 1
        for stop in stops(await people.world()):
            if only not in f"{stop.who}-{stop.name}":
                continue
            for size in (DESKTOP, PHONE):
                context = await people.context(stop.who, size)
                seen.append(await look_at(context, people.address, stop, out, loads))
                print(line(seen[-1]), flush=True)
                await context.close()
    return seen


def line(sight: Sight) -> str:
    """A row of the table, and under it what is wrong."""
    row = (
        f"| {sight.who} {sight.name} | {sight.width} | {sight.status} "
        f"| {sight.wire_bytes / 1000:.1f} | {sight.paint_ms:.0f} "
        f"| {'yes' if sight.overflows else 'no'} | {len(sight.faults)} |"
    )
    return "\n".join([row, *(f"  ! {miss}" for miss in sight.misses)])


def main() -> None:
    """Look, print the table; the exit code says whether every page reaches the bars."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.look", description=__doc__)
    parser.add_argument("--backend", required=True, help="http://127.0.0.1:8000")
    parser.add_argument("--out", required=True, type=Path, help="folder for the screenshots")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument(
        "--zoom", default=1.0, type=float, help="how much the browser enlarges: 1.5"
    )
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    known = parse((ROOT / ".env").read_text(encoding="utf-8"))
    passwords = {name: known[f"GUANJIA_STAFF_PASSWORD_{name.upper()}"] for name in MEMBERS}
    print(f"| page | width | status | kB | first paint ms (of {LOADS}) | overflow | axe |")
    print("|---|---|---|---|---|---|---|")
    seen = asyncio.run(look(wanted.backend, wanted.out, passwords, wanted.only, wanted.zoom))
    short = [sight for sight in seen if sight.misses]
    print(f"\n{len(seen)} looks, {len(short)} below the bars.")
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
