"""People in danger now: fire, crime, self-harm, medical emergency.

A sign is an alert only where it is meant: not past, not a figure of speech, not supposed, not
asked about, not denied. Each sign is judged inside its own clause and the two before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

Kind = Literal["fire", "crime", "self_harm", "medical"]

ADVICE: dict[Kind, str] = {"fire": "119", "crime": "110", "self_harm": "12356", "medical": "120"}


@dataclass(frozen=True)
class Alert:
    """A sign of danger; `advice` is the number to call first."""

    kind: Kind
    start: int
    end: int
    advice: str


_FILE = Path(__file__).with_suffix(".yml")
Told = Literal["plainly", "now", "since"]


@dataclass(frozen=True)
class _Signs:
    """Signs that are judged alike. `told`: how far back a telling still means danger (alerts.yml)."""

    kind: Kind
    pattern: re.Pattern[str]
    told: Told
    unless: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _signs() -> tuple[_Signs, ...]:
    """alerts.yml, read once."""
    table: dict[Kind, list[dict[str, Any]]] = YAML(typ="safe").load(_FILE)
    return tuple(
        _Signs(
            kind,
            re.compile("|".join(group["signs"])),
            group.get("told", "plainly"),
            re.compile(group["unless"]) if "unless" in group else None,
        )
        for kind, groups in table.items()
        for group in groups
    )


_NOW = re.compile(
    r"现在|正在|刚刚|刚才|快来|快点|赶紧|马上|即刻|而家|今晚|此刻|救命|还在|快救|快叫|这会|呢阵|报警|救护车|啊啊|快啊|快d"
)
_PAST = re.compile(
    r"上个?(?:月|周|星期|礼拜|次|年|学期|半年|回)|去年|旧年|前年|前(?:几|两|些|阵|段|不久|晚|天|夜|日)|之前|以前|从前|曾经|曾|过去|那(?:次|年|时|场|回|天|晚|一次|阵)|当时|当年|昨|琴日|寻日|"
    r"[一二两三四五六七八九十几半多0-9]个?(?:多)?(?:年|月|周|星期|礼拜|天|日)(?:多)?(?:前|之前|以前|了)|小时候|早些年|自从|自打|(?:后来|事后)|出院|康复|手术后|今年[一二三四五六七八九十0-9]+月|[0-9]{2,4}年|[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[号日]|份|初|底|中)|年初|年底|大年|春节|清明|国庆|中秋|暑假|寒假|才出|出过|发生过|有过|那么多年|老是|经常|总是|常常|时不时|成日|整天|天天|每次|有时|三天两头|动不动|经历过|嗰(?:日|次|晚)|[一二两三四五六七八九十]日[一二两三四五六七八九十]夜|全烧没|烧没了|烧光|切了|垫的|救命钱|第[一二三四五]次"
)
_LONG_AGO = re.compile(
    r"[一二两三四五六七八九十几半多0-9]个?(?:多)?(?:年|月|星期|礼拜|周)(?:多)?(?:前|之前|以前|了)|去年|旧年|前年|大前年|上个?(?:月|学期|半年)|"
    r"小时候|细个|细细个|以前|从前|曾经|曾|当年|那年|早些年|年轻(?:的)?时|[0-9]{4}年|后来|之后|过(?:一|两|几|好几|多)?次"
)
_HABIT = re.compile(
    r"老是|经常|总是|常常|时不时|成日|动不动|有时|每次|三天两头|[两三四几多]次|容易"
)
_AFTER_EVENT = re.compile(
    r"^(?:了|过|的)?(?:那次|这次|事件|事故|以?后|之后|过后|以来|过|的(?:时候|那|阴影|事|新闻|消息|原因|概率|风险|隐患|念头|房|家|车|人家)|未遂|去世|死了|身亡|演练|隐患|风险|报警器|器|时|倾向|干预|预防|热线|率|史|多少)"
)
_SUPPOSED = re.compile(
    r"万一|要是|如果|若|一旦|怕|担心|惊住|恐|容易|可能|会不会|避免|防止|预防|以免|免得|隐患|假如|哪天|迟早|早晚|差(?:点|一点|啲)|险些|几乎|小心|不然|否则|倘|真的?要|将来|等到|非要等|难道|是不是要|是否要|威胁说|扬言|声称|简直|好像|像(?!片)|仿佛|似|不敢|宁可|假装|逼到|逼得|逼我|都要|才(?:会|肯|管|重视)|该怎么|怎么办才|如何|怎样(?:防|处)|应急|急救(?:知识|培训|课|包)|学(?:会|习)|(?:想|要|去|来|教|没|冇)学(?![校生院位费期历前区堂童])|教(?![练师官室学])|讲座|培训|宣传|演练|演习|(?:上|讲|授|开|听|安全|教育|法治|体育|公开)课(?!室|间|时)|课程|知识|新闻|电影|电视|小说|视频里|听说|据说|谣言|游戏|梦|建议|配备|加装|安装|要不要"
)
_THREAT = re.compile(
    r"我(?:们|哋)?(?:就|真|只好|只能|马上|今晚|今天|即刻|宁愿)(?:要|会|是|系|的|的会|去|跟|同)?[^，,。！!？?；;]{0,10}$"
)
_DENIED = re.compile(
    r"(?:没有?|冇|不是|唔系|未|不会|唔会|别|不要|没想|并未|并非|不曾|冇谂|不至于|从没|从未)(?:真的|人|再|过|想过|有过|发生|出现)?$"
)
_FIGURE = re.compile(
    r"气死|急死|笑死|热死|吵死|烦死|累死|臭死|饿死|冻死|吓死|羡慕死|恨死|愁死|火大|火气|发火|直冒火|上火|恼火|眼红|要命|救命(?:钱|药|稻草|之恩|恩人|费|的钱|的药|设备|通道|草)|跳楼价|跳楼机|自杀式|杀价|杀毒|杀虫|"
    r"爆炸(?:头|性|式|声音响|音响)|信息爆炸|打(?:人|我)(?:电话|的主意)|打我电话|打人(?:手机)|火爆|红火|打火机"
)
# Told about everybody or by somebody else: statistics, programmes, proposals.
_TALK_OF = re.compile(
    r"防溺水|课程|有人说|说过|十个里|三四个|一家一策|想不开的(?:人|牵线|是)|不是要|没有困难|不寻|也不"
)
_HOSPICE = re.compile(
    r"癌|晚期|末期|安宁|临终|最后(?:一程|的日子|一段|阶段)|医生说|化疗|老年痴呆|瘫|插管|放弃治疗|善终"
)
_ASKED = re.compile(r"(?:吗|么)[？?]?$|(?<!了)怎么办[？?]?$|演练|讲座|培训")
_CLAUSE = re.compile(r"[，,。！!？?；;\n ]")
_ACT = re.compile(
    r"自杀|割腕|割脉|上吊|跳楼|跳河|跳江|跳桥|烧炭|服毒|农药|百草枯|轻生|安眠|自残|自伤|划手|割手|寻短见|寻死"
)


def extract(text: str) -> list[Alert]:
    """Alerts in `text`, left to right; the first sign of each kind and place."""
    found: dict[Kind, Alert] = {}
    for signs in _signs():
        if signs.unless and signs.unless.search(text):
            continue
        for match in signs.pattern.finditer(text):
            if _is_meant(text, match, signs):
                alert = Alert(signs.kind, match.start(), match.end(), ADVICE[signs.kind])
                found[signs.kind] = min(found.get(signs.kind, alert), alert, key=_start)
                break
    return _without_cry(text, sorted(found.values(), key=_start))


def is_cry(text: str, alert: Alert) -> bool:
    """“救命” and nothing more: help is called for, and the words around tell against what."""
    return text[alert.start : alert.end] == "救命"


def _without_cry(text: str, found: list[Alert]) -> list[Alert]:
    """“厨房起火啊救命” is a fire and no crime."""
    told = [alert for alert in found if not is_cry(text, alert)]
    return told or found


def _start(alert: Alert) -> int:
    return alert.start


def told_as_over(text: str) -> bool:
    """Whether a text without any sign speaks of long ago, of what might be, or of a wish."""
    return bool(_LONG_AGO.search(text) or _SUPPOSED.search(text)) and not _NOW.search(text)


def happens_now(text: str) -> bool:
    """Whether the text says that something happens at this moment."""
    return _NOW.search(text) is not None


@dataclass(frozen=True)
class _Context:
    """The words around a sign. `lead`: the rest of its clause before it (at most 16 characters
    where nobody set punctuation); `earlier`: the two clauses before; `own`: the clause around."""

    earlier: str
    lead: str
    own: str
    tail: str


def _context(text: str, match: re.Match[str]) -> _Context:
    lead = text[max(0, match.start() - 60) : match.start()]
    cuts = [cut.end() for cut in _CLAUSE.finditer(lead)]
    own_start = cuts[-1] if cuts else 0
    wide_start = cuts[-3] if len(cuts) >= 3 else 0
    tail = text[match.end() : match.end() + 24]
    cut = _CLAUSE.search(tail)
    rest = (tail[: cut.start()] if cut else tail)[:12]
    near = lead[own_start:][-16:]
    return _Context(lead[wide_start:], near, near + match.group() + rest, tail)


def _is_meant(text: str, match: re.Match[str], signs: _Signs) -> bool:
    around = _context(text, match)
    if _TALK_OF.search(around.own) or _FIGURE.search(around.own[-40:]):
        return False
    if _DENIED.search(around.lead) or _AFTER_EVENT.search(around.tail):
        return False
    if _is_supposed(signs, around) or (signs.told == "plainly" and _ASKED.search(around.own)):
        return False
    if signs.kind == "self_harm":
        return not _is_past_act(text, match, around)
    if signs.kind == "medical" and _HOSPICE.search(text):
        return False
    return not _is_over(match, signs, around)


def _is_supposed(signs: _Signs, around: _Context) -> bool:
    """Feared or imagined; “再没人管我就跳下去” threatens the own life and is no supposition."""
    if signs.kind == "self_harm" and _THREAT.search(around.lead):
        return False
    return _SUPPOSED.search(around.lead) is not None


def _is_past_act(text: str, match: re.Match[str], around: _Context) -> bool:
    """An act told of long ago is over, whatever is wanted now; else the present outweighs it."""
    if not _ACT.search(match.group()):
        return False
    if _LONG_AGO.search(around.lead + match.group()) and not _NOW.search(around.lead):
        return True
    return _PAST.search(around.earlier) is not None and _NOW.search(text) is None


def _is_over(match: re.Match[str], signs: _Signs, around: _Context) -> bool:
    before = around.earlier + match.group()
    if signs.told == "plainly":
        here = before + around.tail
        return _PAST.search(here) is not None and not _NOW.search(here)
    over = _LONG_AGO.search(before) is not None
    if signs.told == "now":
        over = over or (_LONG_AGO.search(around.tail) or _HABIT.search(before)) is not None
    return over and not _NOW.search(around.own)
