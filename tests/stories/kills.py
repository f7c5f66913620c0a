"""Citizens talk and file on three channels while processes are killed: nothing is lost or doubled.

``python -m tests.stories.kills --kills 200`` starts a whole product of its own, ends random
processes of it with SIGKILL at random moments and lets the supervisor of `make run` start them
again, then compares the database and the platforms' stand-ins with what each citizen saw.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import httpx

from backend.conversations.wording import sentence
from backend.core.resources import Resources
from scripts.bench.figures import load, summary
from scripts.env_file import ROOT
from scripts.fake_twilio import FakeTwilio, Message
from scripts.processes import any_free_port
from scripts.simulate_sms import Telephone
from scripts.simulate_sms import settings_for as sms_settings
from scripts.simulate_wechat import TOKEN, new_aes_key
from scripts.simulate_wechat import settings_for as wechat_settings
from scripts.stack_resources import stack_resources
from scripts.temporary_stack import TemporaryStack, end_in_order, temporary_stack
from scripts.wechat.phone import Exchange
from scripts.wechat.platform import Platform
from scripts.wechat.stand_in import APP_ID, StandIn
from tests.stories.citizen import Citizen
from tests.stories.killer import Killer
from tests.stories.ledger import CASE_NO, Verdict, examine
from tests.stories.lines import ChatLine, Line, SmsLine, WeChatLine, more_read, new_phone

OPENING = "村口那盏路灯坏了半个月，晚上老人出门都看不见路，麻烦派人来修一下"
PROGRESS = "我的诉求到哪了"
_ANSWER_WITHIN_S = 240.0
_DRAINED_WITHIN_S = 180.0
_MAX_TURNS = 12
_THINK_S = (0.1, 2.5)


@dataclass
class Town:
    """Everybody's lines into one running stack."""

    stack: TemporaryStack
    stand_in: StandIn
    twilio: FakeTwilio
    aes_key: str
    chance: random.Random
    lines: list[Line] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _texts: dict[str, SmsLine] = field(default_factory=dict)
    _heeded: Counter[str] = field(default_factory=Counter)

    def deliver_text(self, message: Message) -> None:
        """The provider's stand-in brings a text."""
        if line := self._texts.get(str(message["to"])):
            line.got.append(message)

    @asynccontextmanager
    async def newcomer(
        self, channel: str, http: httpx.AsyncClient, exchange: Exchange
    ) -> AsyncIterator[Line]:
        """A citizen nobody knows yet."""
        url = self.stack.backend_url
        if channel == "webchat":
            chat = await ChatLine.opened(url, http)
            self.lines.append(chat)
            page = asyncio.create_task(chat.live())
            try:
                yield chat
                await asyncio.sleep(1)
            finally:
                page.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await page
            return
        line: Line
        if channel == "sms":
            line = text = SmsLine(Telephone(url, url, new_phone()))
            self._texts[text.address] = text
        else:
            platform = Platform(f"{url}/webhooks/wechat", APP_ID, TOKEN, self.aes_key)
            line = WeChatLine(exchange.join(platform, http))
        self.lines.append(line)
        yield line

    async def live(self, channel: str, http: httpx.AsyncClient, exchange: Exchange) -> None:
        """One person after the other on that channel, until it is over."""
        while not self.over.is_set():
            async with self.newcomer(channel, http, exchange) as line:
                await self._intake(line)

    async def _intake(self, line: Line) -> None:
        """From the first sentence to the case's progress."""
        digits = f"138{secrets.randbelow(10**8):08d}"
        row = {"facts": {"place_text": "长安上沙，菜市场后门那条巷子", "contact_phone": digits}}
        citizen, message = Citizen(row), OPENING
        for _ in range(_MAX_TURNS):
            answer = await self._say(line, message)
            if answer is None:
                return
            if CASE_NO.search(answer):
                break
            message = citizen.answer(answer) or "继续"
        else:
            self.astray.append(f"{line.channel} {line.read}")
            return
        await self._say(line, PROGRESS)

    async def _say(self, line: Line, text: str) -> str | None:
        """What is answered to a message, apart from the notice that it will take a while.

        What came late, after the answer before, is read along with it.
        """
        await asyncio.sleep(self.chance.uniform(*_THINK_S))
        start, started = self._heeded[line.address], time.monotonic()
        seen, outage = len(line.read), sentence("outage")
        await line.say(text)
        while await more_read(line, seen, _ANSWER_WITHIN_S):
            seen = len(line.read)
            answer = "\n".join(line.read[start:])
            if (answer := answer.replace(outage, "").strip().removeprefix("【莞家】")).strip():
                self.waited_s.append(time.monotonic() - started)
                self._heeded[line.address] = seen
                return answer
        self.gave_up.append(f"{line.channel} after {text[:12]}")
        return None


@dataclass
class Report:
    """What a run has shown.

    ``gave_up``: citizens who waited no longer, which says how slow it was, not that anything is lost;
    ``astray``: intakes that were answered all along and led to no number.
    """

    kills: Counter[str]
    verdict: Verdict
    gave_up: list[str]
    astray: list[str]
    waited_s: list[float]
    took_s: float

    @property
    def is_clean(self) -> bool:
        """Whether all bars are reached."""
        return self.verdict.is_clean and not self.astray

    def __str__(self) -> str:
        verdict = self.verdict
        lines = [
            f"kills {self.kills.total()}: {dict(self.kills)} in {self.took_s:.0f} s, load {load()}",
            f"conversations {verdict.conversations}, messages {verdict.messages}, "
            f"cases {verdict.cases}",
            f"lost {verdict.lost}, unanswered {verdict.unanswered}, doubled {verdict.doubled}, "
            f"filed twice {verdict.filed_twice}, told but not filed {verdict.not_filed}, "
            f"filed but not told {verdict.untold}, led astray {len(self.astray)}, "
            f"still waiting in the end {verdict.undrained}",
            f"outcome unknown {verdict.unknown}, of these not arrived {verdict.unknown_unsent}",
            f"waited more than {_ANSWER_WITHIN_S:.0f} s and gave up {len(self.gave_up)}; "
            f"seconds to the answer {summary(self.waited_s)}",
        ]
        return "\n".join([*lines, *self.gave_up, *self.astray, *verdict.details])


async def _talk(town: Town, citizens: int, killer: Killer, kills: int) -> None:
    """Let everybody talk until the killing is over and the last conversation has ended."""
    exchange = Exchange(town.stand_in)
    exchange.connect()
    town.twilio.on_message = town.deliver_text
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        people = [
            asyncio.create_task(town.live(channel, http, exchange))
            for channel in ("webchat", "wechat", "sms")
            for _ in range(citizens)
        ]
        try:
            await asyncio.to_thread(killer.run, kills, lambda line: print(line, flush=True))
        finally:
            town.over.set()
            await asyncio.gather(*people)


async def _examined(resources: Resources, town: Town) -> Verdict:
    try:
        return await examine(resources, town.lines, _DRAINED_WITHIN_S)
    finally:
        await resources.close()


@contextmanager
def stand_ins() -> Iterator[tuple[StandIn, FakeTwilio]]:
    """The platforms."""
    stand_in, twilio = StandIn(), FakeTwilio(log=lambda _: None)
    stand_in.start()
    twilio.start()
    try:
        yield stand_in, twilio
    finally:
        stand_in.stop()
        twilio.stop()


def run(kills: int, citizens: int, seed: int) -> Report:
    """A whole run: ``citizens`` at a time on each of the three channels."""
    started, aes_key = time.monotonic(), new_aes_key()
    with stand_ins() as (stand_in, twilio):
        port = any_free_port()
        settings = wechat_settings(stand_in, port, aes_key) | sms_settings(twilio, port)
        with temporary_stack(ROOT / "var" / "kills", settings) as stack:
            chance = random.Random(seed)
            town = Town(stack, stand_in, twilio, aes_key, chance)
            killer = Killer(stack.children, random.Random(seed + 1))

            async def whole() -> Verdict:
                await _talk(town, citizens, killer, kills)
                return await _examined(stack_resources(stack), town)

            verdict = asyncio.run(whole())
    took_s = time.monotonic() - started
    return Report(killer.kills, verdict, town.gave_up, town.astray, town.waited_s, took_s)


def main() -> int:
    """Command line; exit status 1 when anything was lost, doubled or left unanswered."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--citizens", type=int, default=2, help="at a time on each channel")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    report = run(options.kills, options.citizens, options.seed)
    print(report)
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
