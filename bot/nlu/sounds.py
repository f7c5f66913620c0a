"""Whether two characters sound alike: tones ignored, southern confusions forgiven."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, pinyin

# Readings that the dictionary lacks for Dongguan's place names.
_LOCAL_READINGS = {
    "涌": ("chong", "yong"), "埗": ("bu",), "滘": ("jiao",), "寮": ("liao",), "厦": ("xia", "sha"),
    "冚": ("kan", "han"), "氹": ("dang", "tan"), "壆": ("bo", "xue", "jue"), "磡": ("kan",), "埔": ("pu", "bu"),
    "堑": ("qian", "zhan"), "阇": ("she", "du"), "潢": ("huang",), "槎": ("cha",), "迳": ("jing",), "栅": ("zha", "shan", "ce"),
    "沥": ("li",), "碣": ("jie",), "蛤": ("ge", "ha"), "泊": ("bo", "po"), "汾": ("fen",), "埕": ("cheng",),
}  # fmt: skip
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@lru_cache(maxsize=8192)
def readings(character: str) -> frozenset[str]:
    """Toneless readings of one Chinese character; empty for anything else."""
    if not "\u3400" <= character <= "\u9fff":
        return frozenset()
    if character in _LOCAL_READINGS:
        return frozenset(_LOCAL_READINGS[character])
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset()


@lru_cache(maxsize=8192)
def spelling(character: str) -> str:
    """The commonest reading of one Chinese character, confusions levelled; else empty."""
    if not "\u3400" <= character <= "\u9fff":
        return ""
    found = pinyin(character, style=Style.NORMAL, errors="ignore")
    return _fold(found[0][0]) if found and found[0][0] else ""


def _fold(reading: str) -> str:
    """One spelling for readings that southern speakers and typing mix up."""
    for long, short in _INITIALS:
        if reading.startswith(long):
            reading = short + reading[len(long) :]
    if reading.endswith("ng"):
        reading = reading[:-1]
    if reading[0] == "l":
        reading = "n" + reading[1:]
    return ("f" + reading[2:]) if reading.startswith("hu") and len(reading) > 2 else reading


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> bool:
    """Whether two characters may be heard or typed for each other (the same one included)."""
    if one == other:
        return True
    left, right = readings(one), readings(other)
    if left & right:
        return True
    return bool({_fold(reading) for reading in left} & {_fold(reading) for reading in right})


@lru_cache(maxsize=65536)
def same(one: str, other: str) -> bool:
    """Whether two characters share a reading, tones ignored."""
    return one == other or bool(readings(one) & readings(other))
