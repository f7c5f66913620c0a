"""Whether words tell where something is: no verbs, no people, no feelings, and a sign of a place."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.nlu import words
from bot.nlu.lexicon import read_words

_BREAKERS_FILE = "not_in_addresses.txt"
_BROKEN = re.compile(r"^[没不]|[死烦疯哭愁]")
# 走老路 is one word to the tokeniser
_ON_THE_WAY = "走去叫到"
_OWN = re.compile(r"^(?:村|社区)?的")
# roads of no name: they stand for no place unless a number or a side follows
_COMMON_ROAD = re.compile(
    r"(?:老|新|小|大|马|公|道|泥|土|水泥|村|山|半|一|回家|断头|烂|好|主|岔|门|出|思|后|铁|线|电|管|短|那|这|旧|窄|破|条|乡|县|国|省|近|远|弯|走|赶|迷|让|堵|养|生|活|死|绝|上学|下班|高速公|柏油|沥青|石子|砂石|机耕|必经之|整条|全|前|原)路|"
    r"(?:上|逛|大|小|老|扫|步行|一条)街|(?:小|老|大)巷|[路街巷坊围弄]|(?:周|包|范|外|家|腰|突)围|[玩愚嘲捉]弄"
)
_KIND_OF_ROAD = re.compile(r".*(?:大道|路|街|巷|坊|围|弄)$")
_NUMBERED = re.compile(r"[0-9A-Za-z一二三四五六七八九十百零〇甲乙丙丁]")
_COURTESY = re.compile(
    r"^(?:就|是|在|喺|系|我们?|我哋|咱们?|家|住|地址|地点|地方|位置|具体|嗯|呃|哦|啊|那个|应该|大概|好像|[：:，,。 ])+|(?:的|啊|呀|吧|啦|咯|呢|哦|嘅|了|谢谢|[，,。！!~～ ])+$"
)
_WHOLE_CITY = re.compile(
    r"(?:就|是|在|全)*(?:中国)?(?:广东省?)?(?:东莞市?)?(?:这里|这边|本地|市区?|里)?"
)
_LONGEST_ANSWER = 30
_TOLD = re.compile(r"[?？]|不清|不知|不懂|不想|不要|不用|没人|没有|怎么|什么|为什么|凭什么|到处|哪")


@lru_cache(maxsize=1)
def _breakers() -> frozenset[str]:
    """Words that no address holds: what is done, who does it, how it feels."""
    return frozenset(read_words(_BREAKERS_FILE))


def trimmed(piece: str) -> str:
    """The part of an address behind the last word that no address holds (走|南环路 → 南环路)."""
    start = 0
    for word, at in words.tokens(piece):
        if word in _breakers() or _BROKEN.search(word):
            start = at + len(word)
        elif len(word) > 2 and word[0] in _ON_THE_WAY:
            start = at + 1
    return _OWN.sub("", piece[start:])


def is_named(piece: str) -> bool:
    """Whether a piece names one place: a road with its name, a number, or more than one bare thing."""
    return not _COMMON_ROAD.fullmatch(piece)


_PLACE_ENDING = re.compile(r"[墩塘围坑岭岗坊洲涌坡山湖河沙屋厦头尾边口角洋井村园]$")


def sounds_like_place(name: str) -> bool:
    """Whether a supposed name ends as hamlets do (黄泥墩)."""
    return _PLACE_ENDING.search(name) is not None


def answers_where(text: str) -> bool:
    """Whether a whole short answer can be a place that nobody wrote down (黄泥墩, 大榕树那里)."""
    bare = _COURTESY.sub("", text.strip())
    if not 2 <= len(bare) <= _LONGEST_ANSWER or _TOLD.search(bare) or _WHOLE_CITY.fullmatch(bare):
        return False
    if not re.search(r"[\u4e00-\u9fff]", bare):
        return False
    return trimmed(bare) == _OWN.sub("", bare)
