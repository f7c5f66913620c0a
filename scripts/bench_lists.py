"""Lists and searches at two sizes: p95 of each and their ratio, which may be 1.5 at most.

``python -m scripts.bench_lists [SMALL LARGE] [--runs N] [--keep FOLDER]`` fills two databases of an
own server (10,000 and 100,000 cases unless told otherwise; a million takes minutes), then asks both
in turn what the pages ask: every tab of every role, filters, far pages, counts, searches, similar
cases, the API's list, and whole pages over HTTP. Runs on the machine alone: others' load is noise.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.app import create_app
from backend.cases.models import Case
from backend.cases.schemas import CaseFilter
from backend.cases.work import CaseDesk
from backend.cases.work_list import WorkList, WorkListQuery, tabs_of
from backend.core.migrate import upgrade
from backend.core.postgres import socket_url, start_embedded, stop_embedded
from backend.core.resources import Resources, build_resources, build_vault
from backend.places.service import gazetteer
from backend.settings import load_settings
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.rules import Role, Service, StaffMember
from backend.staff.service import token_hash
from backend.web.staff.session import COOKIE
from scripts import bench_cases, env_file

MAX_RATIO = 1.5
_WARM_UP = 5
_PLACES = 4
"""Villages and towns that take turns, the largest first."""
_SEARCHES = {
    "常用词": "荔红棚架",
    "常见词": "路灯",
    "中频词": "莲湖水榭",
    "少见词": "金鳌洲塔",
    "罕见词": bench_cases.RARE_WORD,
    "没有的词": "鼋头渚石",
    "两个词": "路灯 老人",
    "常见字相接但没有": "我们没有个月",
    "单字": "灯",
    "罕见单字": "榭",
    "电话": bench_cases.PHONE,
    "工单号": "DG20250000003",
}
_FILTERS: dict[str, dict[str, object]] = {
    "环节": {"status": "review"},
    "事项": {"type": "street_light"},
    "事项+环节": {"type": "street_light", "status": "received"},
    "类别+督办": {"category": "weixinyuan", "urged": True},
}

Probe = Callable[[AsyncSession, Resources, int], Awaitable[object]]


def member(role: Role, turn: int) -> StaffMember:
    """Somebody of that role, from one of the larger places in turn."""
    village = sorted(gazetteer().villages)[turn % _PLACES]
    town = village[:9] if role in ("town", "village") else None
    village_of = village if role == "village" else None
    names = {"village": f"staff-{village}-0", "hotline": f"agent{turn % _PLACES}"}
    return StaffMember(1, names.get(role, f"{role}-1"), role, role, town, village_of)


def _list(role: Role, **query: object) -> Probe:
    async def probe(session: AsyncSession, resources: Resources, turn: int) -> object:
        wanted = WorkListQuery.model_validate(query)
        return await WorkList(session, resources, member(role, turn)).page(wanted)

    return probe


def _counts(role: Role) -> Probe:
    async def probe(session: AsyncSession, resources: Resources, turn: int) -> object:
        return await WorkList(session, resources, member(role, turn)).counts()

    return probe


def _deep(role: Role, tab: str) -> Probe:
    """The page in the middle of the list."""
    cursors: dict[tuple[str, int], str | None] = {}

    async def probe(session: AsyncSession, resources: Resources, turn: int) -> object:
        key = (str(session.bind.engine.url), turn % _PLACES)  # type: ignore[union-attr]
        desk = WorkList(session, resources, member(role, turn))
        if key not in cursors:
            cursor = None
            for _ in range(20):
                page = await desk.page(WorkListQuery(tab=tab, cursor=cursor))  # type: ignore[arg-type]
                cursor = page.next_cursor or cursor
            cursors[key] = cursor
        return await desk.page(WorkListQuery(tab=tab, cursor=cursors[key]))  # type: ignore[arg-type]

    return probe


async def _by_number(session: AsyncSession, resources: Resources, turn: int) -> object:
    wanted = WorkListQuery(tab="all", q=await _some_number(session, turn))
    return await WorkList(session, resources, member("city", turn)).page(wanted)


async def _some_number(session: AsyncSession, turn: int) -> str:
    return str(await session.scalar(select(Case.case_no).where(Case.id == 100 + turn)))


def _similar(role: Role) -> Probe:
    async def probe(session: AsyncSession, resources: Resources, turn: int) -> object:
        staff = member(role, turn)
        village = sorted(gazetteer().villages)[turn % _PLACES]
        said = "村口的路灯坏了半个月，晚上老人出门都看不见路"
        return await CaseDesk(session, resources, staff).similar("street_light", village, said)

    return probe


def _api(**query: object) -> Probe:
    async def probe(session: AsyncSession, resources: Resources, turn: int) -> object:
        return await CaseDesk(session, resources, Service()).page(CaseFilter.model_validate(query))

    return probe


def probes() -> dict[str, Probe]:
    """Everything that is measured without HTTP, by what it is called."""
    found: dict[str, Probe] = {}
    roles: tuple[Role, ...] = ("village", "town", "city", "hotline", "supervisor")
    for role in roles:
        found[f"{role} 计数"] = _counts(role)
        found |= {f"{role} {tab}": _list(role, tab=tab) for tab in tabs_of(role)}
        found |= {f"{role} {tab} 第21页": _deep(role, tab) for tab in ("overdue", "all")}
        for name, given in _FILTERS.items():
            found |= {f"{role} {tab} {name}": _list(role, tab=tab, **given) for tab in _TABS}
        if role == "supervisor":
            continue
        for name, words in _SEARCHES.items():
            found |= {f"{role} {tab} 搜{name}": _list(role, tab=tab, q=words) for tab in _TABS}
        found[f"{role} 相似"] = _similar(role)
    found["city all 搜编号"] = _by_number
    found["city all 镇街+常用词"] = _list("city", tab="all", town="441900119", q="荔红棚架")
    for name, query in (("最新", {}), ("环节", {"status": "review"}), ("词", {"q": "金鳌洲塔"})):
        found[f"接口 {name}"] = _api(**query)
    return found


_TABS = ("place", "all")
_PAGE_ROLES: tuple[Role, ...] = ("village", "town", "city")
_PAGES = (
    "/staff", "/staff?tab=overdue", "/staff?tab=all", "/staff?tab=all&type=street_light",
    "/staff?tab=all&q=荔红棚架", "/staff?q=金鳌洲塔", "/staff?tab=all&q=罗浮幽兰",
    "/staff?tab=all&q=鼋头渚石",
)  # fmt: skip


async def _browser(resources: Resources, role: Role) -> httpx.AsyncClient:
    """A signed-in browser on the application itself."""
    staff, now = member(role, 0), resources.clock.now()
    token = f"bench-{role}"
    async with resources.database.transaction() as session:
        known = await session.scalar(
            select(StaffAccount.id).where(StaffAccount.username == staff.username)
        )
        if known is None:
            account = StaffAccount(
                username=staff.username, display_name=role, role=role, town=staff.town,
                village=staff.village, password_hash="", created_at=now,
            )  # fmt: skip
            session.add(account)
            await session.flush()
            session.add(
                StaffToken(
                    token_hash=token_hash(token), staff_id=account.id, kind="page",
                    created_at=now, seen_at=now, expires_at=now + timedelta(days=30),
                )
            )  # fmt: skip
    app = create_app(resources.settings)
    app.state.resources = resources
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://bench",
        headers={"Accept": "text/html"},
        cookies={COOKIE: token},
    )


@dataclass
class Taken:
    """Milliseconds of one probe at one size: by the clock, and of both processors' work.

    The clock also counts whatever else the machine does; work does not. ``shown``: the most cases
    that a page had; one that ten thousand cases do not fill has more to show at a million.
    """

    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    shown: int = 0


class Side:
    """One size: its application, its only connection's server process."""

    def __init__(self, resources: Resources, server: int) -> None:
        self.resources = resources
        self._server = Path(f"/proc/{server}/schedstat")

    @classmethod
    async def open(cls, resources: Resources) -> Side:
        """Connected; a pool in use by one at a time never opens a second connection."""
        async with resources.database.transaction() as session:
            return cls(resources, await session.scalar(select(func.pg_backend_pid())) or 0)

    async def probe(self, probe: Probe, turn: int) -> object:
        """As a request does it: a transaction of its own."""
        async with self.resources.database.transaction() as session:
            return await probe(session, self.resources, turn)

    def _worked(self) -> float:
        return time.process_time() * 1000 + int(self._server.read_text().split()[0]) / 1e6

    async def time(self, act: Awaitable[object], taken: Taken) -> None:
        """Do it and write down what it took."""
        worked, started = self._worked(), time.perf_counter()
        answer = await act
        taken.clock.append((time.perf_counter() - started) * 1000)
        taken.work.append(self._worked() - worked)
        rows = getattr(answer, "items", None)
        taken.shown = max(taken.shown, len(rows) if isinstance(rows, list) else 0)


async def measure(sides: list[Side], runs: int, only: str) -> dict[str, list[Taken]]:
    """What every probe takes at every size, in turn: what disturbs, disturbs both."""
    found: dict[str, list[Taken]] = {}
    for name, probe in probes().items():
        if only in name:
            acts = [functools.partial(side.probe, probe) for side in sides]
            found[name] = await _alternate(sides, acts, runs)
    for role in _PAGE_ROLES:
        browsers = [await _browser(side.resources, role) for side in sides]
        for path in _PAGES:
            if only in f"{role} GET {path}":
                acts = [functools.partial(_fetch, browser, path) for browser in browsers]
                found[f"{role} GET {path}"] = await _alternate(sides, acts, runs)
    return found


async def _fetch(browser: httpx.AsyncClient, path: str, _: int) -> object:
    return (await browser.get(path)).raise_for_status()


async def _alternate(
    sides: list[Side], acts: Sequence[Callable[[int], Awaitable[object]]], runs: int
) -> list[Taken]:
    taken = [Taken() for _ in sides]
    for turn in range(_WARM_UP + runs):
        for side, act, kept in zip(sides, acts, taken, strict=True):
            await side.time(act(turn), kept if turn >= _WARM_UP else Taken())
    return taken


def p95(values: list[float]) -> float:
    """The value that one in twenty exceeds."""
    return statistics.quantiles(values, n=20)[-1]


def database(folder: Path, count: int) -> Resources:
    """A filled database of that size, made unless the folder holds it."""
    url = socket_url(start_embedded(folder, f"cases_{count}"), f"cases_{count}")
    upgrade(url)
    settings = load_settings()
    if not _filled(url):
        print(f"· {count} 件示例入库……", file=sys.stderr)
        bench_cases.fill(url.replace("+psycopg", "", 1), count, build_vault(settings))
    return build_resources(settings, url)


def _filled(url: str) -> bool:
    async def count() -> int:
        resources = build_resources(load_settings(), url)
        async with resources.database.transaction() as session:
            found = await session.scalar(select(func.max(Case.id)))
        await resources.close()
        return found or 0

    return asyncio.run(count()) > 0


async def _measured(sizes: list[Resources], runs: int, only: str) -> dict[str, list[Taken]]:
    try:
        return await measure([await Side.open(resources) for resources in sizes], runs, only)
    finally:
        for resources in sizes:
            await resources.close()


def report(found: dict[str, list[Taken]], counts: list[int]) -> bool:
    """The table, worst ratio first; whether every ratio of work is within the bar."""
    rows = {
        name: {
            "clock_ms": [p95(one.clock) for one in taken],
            "work_ms": [p95(one.work) for one in taken],
        }
        for name, taken in found.items()
    }
    ratio = {name: row["work_ms"][-1] / row["work_ms"][0] for name, row in rows.items()}
    print(
        f"p95，毫秒：处理器用时 {counts[0]:,} 件 → {counts[-1]:,} 件，比值；钟表用时，比值；"
        "一页最多显示几行"
    )
    for name in sorted(rows, key=lambda name: -ratio[name]):
        (low, high), (soon, late) = rows[name]["work_ms"], rows[name]["clock_ms"]
        few, many = (one.shown for one in found[name])
        print(
            f"{low:8.1f} →{high:8.1f}  {ratio[name]:5.2f}   {soon:8.1f} →{late:8.1f}  "
            f"{late / soon:5.2f}   {name}" + (f"（{few} → {many} 行）" if many else "")
        )
    over = [name for name, grown in ratio.items() if grown > MAX_RATIO]
    (env_file.ROOT / "var" / "bench-lists.json").write_text(
        json.dumps({"cases": counts, "p95": rows}, indent=2, ensure_ascii=False) + "\n"
    )
    print(f"{len(rows)} 项，比值超过 {MAX_RATIO} 的 {len(over)} 项：{'、'.join(over) or '无'}")
    return not over


def main() -> int:
    """Command line; exit status 1 when something grows with the number of cases."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_lists")
    parser.add_argument("counts", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--only", default="", help="what a probe's name must contain")
    parser.add_argument("--keep", type=Path, help="folder of the server, kept for the next time")
    options = parser.parse_args()
    os.environ.update(env_file.ensure()[0])
    folder = options.keep or env_file.ROOT / "var" / "bench-lists-pg"
    try:
        sizes = [database(folder, count) for count in options.counts]
        found = asyncio.run(_measured(sizes, options.runs, options.only))
    finally:
        stop_embedded(folder)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if report(found, options.counts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
