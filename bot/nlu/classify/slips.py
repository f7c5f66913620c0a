"""Copies of example texts as a hasty thumb or a speech recogniser would have written them.

Words and characters are swapped for others of the same sound (tones and southern confusions
aside, the frequent ones more often) or of like looks, dropped or doubled; what was dictated has no
punctuation and filler words. Chance is drawn from the text itself: the same text gives the same copy.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import lru_cache
from random import Random

from bot.nlu.features.ngrams import word_counts, words
from bot.nlu.sounds import spelling

Choices = tuple[tuple[str, ...], tuple[int, ...]]

_TYPING_RATES = (0.03, 0.06, 0.10, 0.15)
_HEARING_RATES = (0.04, 0.08, 0.12)
_FILLER_RATE = 0.03
_FILLERS = ("嗯", "那个", "呃", "就是", "就是说", "然后", "这个", "啊", "喂", "诶", "反正")
_LEAST_COUNT = 30
# drawn for a character that goes wrong: of the same sound, dropped, doubled; else of like looks
_SWAPPED, _DROPPED, _DOUBLED = 0.75, 0.85, 0.92
_PAIRS = (
    "己已 末未 待侍 人入 土士 晴睛 拆折 贷货 板扳 千干 大太 天夫 住往 免兔 间问 辨辩 渴喝 竟竞 候侯 拨拔 "
    "幕募 墓暮 载栽 坏环 摊滩 厂广 清请 情清 快块 很恨 没设 村材 路露 灯炉 房户 活话 拿拾 陪赔 租祖 治冶 "
    "历厉 卷券 准淮 低底 惜借 残贱 钱线 找我 休体 外处 困因 拉垃"
)
_LIKE_LOOKS = {pair[0]: pair[1] for pair in _PAIRS.split()}


def slipped(text: str) -> str:
    """`text` with slips of typing or of dictation, whichever its content draws."""
    chance = Random(hashlib.sha256(text.encode()).digest())  # noqa: S311
    return _typed(text, chance) if chance.random() < 0.5 else _dictated(text, chance)


def _typed(text: str, chance: Random) -> str:
    rate = chance.choice(_TYPING_RATES)
    return "".join(
        _misheard(word, chance)
        if len(word) > 1 and chance.random() < rate
        else "".join(_mistyped(c, chance) if chance.random() < rate else c for c in word)
        for word in words(text)
    )


def _dictated(text: str, chance: Random) -> str:
    rate, heard = chance.choice(_HEARING_RATES), []
    for word in words(text):
        if not any(map(str.isalnum, word)):
            continue
        if chance.random() < _FILLER_RATE:
            heard.append(chance.choice(_FILLERS))
        heard.append(_misheard(word, chance) if chance.random() < rate else word)
    return "".join(heard)


def _misheard(word: str, chance: Random) -> str:
    """Another word of the same sound or, where there is none, one character of it wrong."""
    found = _of_sound(_sound(word), chance, word)
    if found != word or len(word) == 1:
        return found
    at = chance.randrange(len(word))
    return word[:at] + _of_sound(_sound(word[at]), chance, word[at]) + word[at + 1 :]


def _mistyped(character: str, chance: Random) -> str:
    how = chance.random()
    if not _sound(character) or how < _SWAPPED:
        return _of_sound(_sound(character), chance, character)
    if how < _DROPPED:
        return ""
    return character * 2 if how < _DOUBLED else _LIKE_LOOKS.get(character, character)


def _of_sound(sound: str, chance: Random, word: str) -> str:
    """A word of that sound other than `word`, frequent ones more often; `word` if there is none."""
    choices, counts = _homophones().get(sound, ((), ())) if sound else ((), ())
    left = [0 if other == word else count for other, count in zip(choices, counts, strict=True)]
    return chance.choices(choices, left)[0] if any(left) else word


def _sound(word: str) -> str:
    """The syllables of a Chinese word; empty for anything else."""
    syllables = [spelling(character) for character in word]
    return "-".join(syllables) if all(syllables) else ""


@lru_cache(maxsize=1)
def _homophones() -> dict[str, Choices]:
    """Words of up to three characters by sound, with how often each is used."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for word, count in word_counts():
        if len(word) <= 3 and count >= _LEAST_COUNT and (sound := _sound(word)):
            found[sound].append((word, count))
    return {
        sound: (tuple(word for word, _ in same), tuple(count for _, count in same))
        for sound, same in found.items()
        if len(same) > 1
    }
