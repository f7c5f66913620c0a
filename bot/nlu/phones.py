"""Telephone numbers as typed and spoken, whose they are, and which one is meant in the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.nlu import case_numbers, phone_owners, sensitive
from bot.nlu.digits import Run, runs
from bot.nlu.spans import Span, covered

Kind = Literal["mobile", "landline", "partial"]
Owner = phone_owners.Owner

_EXTENSION = re.compile(
    r"[ ，,（(]{0,2}(?:[-—–]|转(?:接)?|分机|内线|小号|ext\.?)(?:号码?|机)?(?:是|[：: ])?[0-9零〇一幺二两三四五六七八九]{1,6}(?![0-9])[）)]?"
)
# A citizen's text holds a few numbers; lists of hundreds are not read to the end.
_MOST_RUNS = 120

# 0086 and a mobile; what is longer holds two numbers, or one and its extension
_LONGEST_NUMBER = 13
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LOCAL = re.compile(r"[2-8]\d{7}")
_AREA = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})")
_CONTEXT = re.compile(
    r"电话|手机|号码|联系|致电|打给|打我|拨|座机|固话|热线|微信|找我|重打|重发|尾号|call|tel|Tel|TEL|短信|留个|留一个|联络|機|是我的|更正|改成|应该是"
)
_RETRACTED = re.compile(
    r"不对|不是|错了|打错|写错|说错|记错|念错|报错|更正|改成|改为|改一下|更改|应该是|重打|重发|重新|再说一遍|再报|换一个|换成|换个|作废|哦不|啊不|唔系|唔啱|搞错|纠正|多打|少打|漏|反了"
)
_DENIED_BEFORE = re.compile(r"(?<!是)(?:不是|唔系|并非|不系)(?:这个|那个|打)?$")
_TAIL = re.compile(
    r"(?:后面|后边|尾号|末尾|尾数|最后|后头|尾巴|结尾)(?:那|这)?(?:[一二三四五六两几]?(?:位|个)(?:数|数字|号)?)?(?:应该|要|才|其实)?(?:是|系|改成|改为|为|换成)\s*$"
)


@dataclass(frozen=True)
class Phone:
    """A telephone number. `value`: digits only, landlines with 0769 and a dash.

    kind "partial": meant as a number but with a wrong count of digits; then `valid` is False.
    """

    value: str
    start: int
    end: int
    valid: bool
    kind: Kind
    of: Owner


def extract(text: str) -> list[Phone]:
    """The numbers of `text` that stand in the end, left to right; corrected ones are dropped."""
    taken = [Span(item.start, item.end) for item in sensitive.extract(text)]
    taken += [Span(item.start, item.end) for item in case_numbers.extract(text)]
    found: list[Phone] = []
    for run in _candidates(text, taken):
        phone = _read(text, run, found)
        if phone is not None and not covered(Span(phone.start, phone.end), map(_span, found)):
            found.append(phone)
    found.sort(key=lambda phone: phone.start)
    found = _apply_tails(text, found, taken)
    kept = _drop_corrected(text, found)
    owners = phone_owners.owners(text, [(p.start, p.end, p.kind == "mobile") for p in kept])
    return [replace(phone, of=owner) for phone, owner in zip(kept, owners, strict=True)]


def _span(phone: Phone) -> Span:
    return Span(phone.start, phone.end)


def _candidates(text: str, taken: Sequence[Span]) -> list[Run]:
    """Runs by preference: tight ones first, then those bridged over commas."""
    tight = [
        part
        for run in runs(text, 7)
        if not covered(Span(run.start, run.end), taken)
        for part in _separate(run)
    ]
    slow = [
        run
        for run in runs(text, 9, slow=True)
        if not covered(Span(run.start, run.end), taken)
        and _MOBILE.fullmatch(_without_country(run).digits)
    ]
    whole = [run for run in tight if _MOBILE.fullmatch(_without_country(run).digits)]
    return [*whole, *slow, *tight][:_MOST_RUNS]


def _separate(run: Run) -> list[Run]:
    """Two numbers with only a space or a dash between them, or an extension behind, come apart."""
    if len(run.digits) <= _LONGEST_NUMBER:
        return [run]
    breaks = [at for at in range(1, len(run.digits)) if run.offsets[at] - run.offsets[at - 1] > 1]
    edges = [0, *breaks, len(run.digits)]
    parts: list[Run] = []
    at = 0
    while at < len(edges) - 1:
        ends = [end for end in edges[at + 1 :] if _is_whole(run.part(edges[at], end))]
        if ends:
            parts.append(run.part(edges[at], ends[-1]))
        at = edges.index(ends[-1]) if ends else at + 1
    return parts or [run]


def _is_whole(run: Run) -> bool:
    digits = _without_country(run).digits
    return bool(_MOBILE.fullmatch(digits) or _AREA.fullmatch(digits))


def _without_country(run: Run) -> Run:
    for prefix in ("0086", "86"):
        if run.digits.startswith(prefix) and len(run.digits) == len(prefix) + 11:
            return run.part(len(prefix), len(run.digits))
    if len(run.digits) == 12 and run.digits[0] == "0" and run.digits[1] == "1":
        return run.part(1, 12)
    return run


def _read(text: str, run: Run, earlier: Sequence[Phone]) -> Phone | None:
    start = run.start - 1 if text[run.start - 1 : run.start] == "+" else run.start
    bare = _without_country(run)
    context = _has_context(text, run)
    if _MOBILE.fullmatch(bare.digits):
        return Phone(bare.digits, start, run.end, True, "mobile", "caller")
    twice = len(bare.digits) == 22 and bare.digits[:11] == bare.digits[11:]
    if twice and _MOBILE.fullmatch(bare.digits[:11]):
        return Phone(bare.digits[:11], start, run.end, True, "mobile", "caller")
    area = _AREA.fullmatch(bare.digits)
    if area and (context or area[1] in ("0769", "020", "0755", "0752")):
        end = _past_extension(text, run.end)
        return Phone(f"{area[1]}-{area[2]}", start, end, True, "landline", "caller")
    if _LOCAL.fullmatch(bare.digits) and context and not _looks_like_date(bare.digits):
        end = _past_extension(text, run.end)
        return Phone(f"0769-{bare.digits}", start, end, True, "landline", "caller")
    if _is_slip(bare.digits, context):
        return Phone(bare.digits, start, run.end, False, "partial", "caller")
    return None


def _past_extension(text: str, end: int) -> int:
    """Where a landline ends with its extension (转801, -801, 分机801): no part of the value."""
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _looks_like_date(digits: str) -> bool:
    return bool(re.fullmatch(r"20[0-4]\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])", digits))


def _is_slip(digits: str, context: bool) -> bool:
    mobile_like = digits[0] == "1" and digits[1:2] in tuple("3456789")
    if not context:
        return mobile_like and len(digits) in (10, 12)
    return (mobile_like and 8 <= len(digits) <= 13) or len(digits) in (10, 11, 12)


def _has_context(text: str, run: Run) -> bool:
    around = text[max(0, run.start - 14) : run.start] + " " + text[run.end : run.end + 6]
    rest = text[: run.start] + text[run.end :]
    return bool(_CONTEXT.search(around)) or len(rest.strip(" ，。,.!！~～的是呀啊吧哦、")) <= 4


def _apply_tails(text: str, found: Sequence[Phone], taken: Sequence[Span]) -> list[Phone]:
    """后面是2688: the last number with its tail replaced."""
    phones = list(found)
    for run in runs(text, 2):
        span = Span(run.start, run.end)
        if len(run.digits) > 8 or covered(span, taken) or covered(span, map(_span, phones)):
            continue
        earlier = [phone for phone in phones if phone.end <= run.start and len(phone.value) >= 10]
        if not earlier or not _TAIL.search(text[max(0, run.start - 16) : run.start]):
            continue
        base = earlier[-1]
        value = base.value[: -len(run.digits)] + run.digits
        valid = bool(_MOBILE.fullmatch(value)) or base.kind == "landline"
        kind: Kind = "mobile" if _MOBILE.fullmatch(value) else base.kind
        phones = [
            replace(phone, value=value, valid=valid, kind=kind)
            if phone.value == base.value
            else phone
            for phone in phones
        ]
    return phones


def _drop_corrected(text: str, found: Sequence[Phone]) -> list[Phone]:
    """A number taken back, or said again, leaves; the later one stays."""
    kept: list[Phone] = []
    for phone in _without_denied(text, found):
        while kept:
            between = text[kept[-1].end : phone.start]
            same = kept[-1].value == phone.value
            taken_back = len(between) <= 40 and _RETRACTED.search(between) is not None
            slip_first = kept[-1].kind == "partial" and phone.valid and len(between) <= 30
            if not (same or taken_back or slip_first):
                break
            kept.pop()
        kept.append(phone)
    valid = [phone for phone in kept if phone.valid]
    unique = {phone.value: phone for phone in kept}
    return [p for p in unique.values() if p.valid or not valid or p is kept[-1]]


def _without_denied(text: str, found: Sequence[Phone]) -> Sequence[Phone]:
    """不是138…，是139…: the number denied leaves when another is given."""
    stated = [
        phone
        for phone in found
        if not _DENIED_BEFORE.search(text[max(0, phone.start - 8) : phone.start])
    ]
    return stated or found
