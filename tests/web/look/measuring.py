"""What one page weighs, how soon it shows something, and what is wrong with it."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.async_api import BrowserContext, Page

from tests.web.browser import Visitor
from tests.web.look.stops import Stop

MOST_BYTES = 150_000
MOST_PAINT_MS = 300.0
LOADS = 5
_PAINT = """() => new Promise((done) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) done(entry.startTime);
  }).observe({ type: "paint", buffered: true });
  setTimeout(() => done(-1), 2000);
})"""


@dataclass(frozen=True, slots=True)
class Sight:
    """One page at one width."""

    who: str
    name: str
    width: int
    status: int
    wanted_status: int
    wire_bytes: int
    paint_ms: float
    overflows: bool
    faults: tuple[str, ...]
    complaints: tuple[str, ...]
    untitled: bool

    @property
    def misses(self) -> list[str]:
        """The bars it does not reach, in words."""
        found = [f"axe: {fault}" for fault in self.faults]
        found += [f"console: {line}" for line in self.complaints]
        if self.status != self.wanted_status:
            found.append(f"answered {self.status} instead of {self.wanted_status}")
        if self.wire_bytes > MOST_BYTES:
            found.append(f"{self.wire_bytes} bytes over the wire")
        if not 0 <= self.paint_ms <= MOST_PAINT_MS:
            found.append(f"first paint after {self.paint_ms:.0f} ms")
        if self.overflows:
            found.append("wider than its window")
        if self.untitled:
            found.append("no title of its own")
        return found


async def look_at(
    context: BrowserContext, address: str, stop: Stop, out: Path, loads: int
) -> Sight:
    """Open the page so many times with an empty cache, measure, and keep a screenshot."""
    page = await context.new_page()
    visitor, complaints = Visitor(page, address), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wire = await _wire(page)
    paints, weights, status = list[float](), list[int](), 0
    for _ in range(loads if stop.is_repeatable else 1):
        wire.clear()
        answer = await page.goto(address + stop.path, wait_until="networkidle")
        status = answer.status if answer else 0
        if stop.then:
            wire.clear() if stop.then_navigates else None
            await stop.then(page)
        paints.append(float(await page.evaluate(_PAINT)))
        weights.append(sum(wire))
    width = page.viewport_size["width"] if page.viewport_size else 0
    file = out / f"{stop.who}-{stop.name}-{width}.png"
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=file, full_page=not stop.path.startswith("/chat"))
    sight = Sight(
        who=stop.who,
        name=stop.name,
        width=width,
        status=status,
        wanted_status=stop.status,
        wire_bytes=int(median(weights)),
        paint_ms=median(paints),
        overflows=await visitor.overflows(),
        faults=tuple(await visitor.accessibility_faults()),
        complaints=tuple(complaints),
        untitled=await page.title() in ("", "莞家助手"),
    )
    await page.close()
    return sight


async def _wire(page: Page) -> list[int]:
    """Bytes of every answer, headers included, as they went over the wire; the cache is off."""
    sizes: list[int] = []
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.on("Network.loadingFinished", lambda done: sizes.append(int(done["encodedDataLength"])))
    return sizes
