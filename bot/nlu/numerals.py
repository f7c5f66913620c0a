"""Numbers as people write and say them: 三万五, 一百二, 1.5万, 两万多, 十几, 七八十."""

from __future__ import annotations

import re

DIGITS = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_UNITS = {
    "十": 10,
    "百": 100,
    "千": 1000,
    "k": 1000,
    "K": 1000,
    "万": 10_000,
    "w": 10_000,
    "W": 10_000,
}
_TWENTY = {"廿": "二十", "卅": "三十"}

_HAN = "零〇一二两俩三仨四五六七八九十百千万廿卅"
_MORE = "多来几余把好"
# One number with its vague tails inside (两百来, 一千多, 十几, 三四十); no unit of measure.
NUMBER = (
    rf"(?:(?:(?<![0-9])[0-9][0-9,]{{0,12}}(?:\.[0-9]{{1,4}})?|[{_HAN}半])"
    rf"(?:[0-9{_HAN}]|[{_MORE}](?=[百千万wk人户个位名口块元蚊钱栋家])|[kKwW](?![a-zA-Z])){{0,14}})"
)
_VAGUE = re.compile(rf"[{_MORE}]")
_TOKEN = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|.")


def parse_number(text: str) -> float | None:
    """The value of a number, the lower bound when it is vague (十几 → 10, 七八十 → 70).

    Returns None when the text is no number (几十, 半, 好多) or names no lower bound.
    """
    text = _VAGUE.sub("", "".join(_TWENTY.get(character, character) for character in text))
    if not text:
        return None
    if text in ("百", "千", "万"):
        return float(_UNITS[text])
    parts = _TOKEN.findall(text)
    if any(not (t[0].isdigit() or t in DIGITS or t in _UNITS) for t in parts):
        return None
    if len(parts) >= 3 and all(t in DIGITS for t in parts):
        return float("".join(str(DIGITS[t]) for t in parts))
    return _evaluate(_drop_ranges(parts))


def _drop_ranges(parts: list[str]) -> list[str]:
    """七八 → 七, 三五 → 三: the lower of two digits said side by side."""
    kept: list[str] = []
    for part in parts:
        after_digit = bool(kept) and kept[-1] in DIGITS and kept[-1] not in "零〇"
        if part in DIGITS and part not in "零〇" and after_digit:
            continue
        kept.append(part)
    return kept


def _evaluate(parts: list[str]) -> float:
    """Positional evaluation; a last digit after 百, 千, 万 counts in the next lower place."""
    total = section = 0.0
    digit: float | None = None
    last_unit = 1
    for part in parts:
        if part in _UNITS:
            unit = _UNITS[part]
            if unit == 10_000:
                total += (section + (digit or 0.0) or 1.0) * unit
                section = 0.0
            else:
                section += (1.0 if digit is None else digit) * unit
            digit, last_unit = None, unit
        else:
            value = _digit_value(part)
            digit = value if digit is None else digit * 10 + value
            if part in "零〇":
                last_unit = 1
    if digit is not None:
        spoken_short = last_unit >= 100 and digit < 10
        section += digit * (last_unit / 10 if spoken_short else 1)
    return total + section


def _digit_value(part: str) -> float:
    return float(DIGITS[part]) if part in DIGITS else float(part.replace(",", ""))
