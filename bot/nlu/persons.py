"""Names and forms of address, and whether they are the speaker's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bot.nlu import words
from bot.nlu.lexicon import read_words
from bot.nlu.spans import Span, covered

SURNAMES_FILE = "surnames.txt"

Kind = Literal["full", "title", "bare"]
Owner = Literal["caller", "other"]


@dataclass(frozen=True)
class Name:
    """A person's name. "title": 陈女士, 黄伯; "bare": the whole message is a name."""

    value: str
    start: int
    end: int
    kind: Kind
    of: Owner


_TITLE = (
    r"(?:先生|女士|小姐|太太|同志|师傅|老师|阿姨|阿伯|大爷|大妈|大叔|大哥|大姐|大娘|大婶|奶奶|爷爷|婆婆|公公|伯伯|叔叔|医生|护士|主任|书记|经理|"
    r"老板|队长|组长|班长|厂长|校长|院长|律师|社工|网格员|志愿者|义工|工|姐|哥|叔|伯|婶|姨|嫂|姑|婆|公|爷|妈|生|太|总|工|姑娘|老伯|老太|老太太|阿婆|某某?|某)"
)
_SELF_TITLES = (
    "先生",
    "女士",
    "小姐",
    "太太",
    "生",
    "太",
    "师傅",
    "老师",
    "姐",
    "哥",
    "叔",
    "伯",
    "婶",
    "姨",
    "阿姨",
    "同志",
    "工",
    "姑娘",
    "医生",
    "总",
    "嫂",
    "大爷",
    "大妈",
    "大姐",
    "大哥",
    "大叔",
    "主任",
    "书记",
    "经理",
    "老板",
    "班长",
    "社工",
    "网格员",
    "志愿者",
    "义工",
)
# Characters that do not stand in given names.
_NOT_GIVEN = set(
    "的了在是不我你您他她它们这那有没吗呢吧啊呀哦嘛就也都很太还又再和跟与及或但因为被把给让从到去来住说讲问打电话号码手机村镇街路社区住户民工人员市县省厂店家里上下前后左右边面旁这什么怎谁哪几多少岁年月日时点分钟块元想要请求帮能可以会反映投诉建议咨询希望需申领，。！？、；：,.!?;:"
    "嘅咗啲喺冇唔哋佢系"
)
_GIVEN_OK = set("建希望来申路民工人家年月元分时上前以为和可里")
_INTRODUCTION = re.compile(
    r"(?P<self>(?:我|本人|俺|侬)(?:的)?(?:名字|姓名|大名)?(?:就)?(?:叫做|叫|名叫|是叫|系叫|姓名是|名字是|名字叫|全名|係叫)|(?:姓名|名字|联系人|联络人|称呼|申请人|反映人|诉求人|投诉人|落款|执笔人|报料人)(?:是|为|叫|：|:| )|叫我|称呼我|喊我|我本名)(?:做|是)?[：: ，,]?|"
    r"(?P<am>(?:我|本人)(?:是|系|就是)|你好[，, ]?我|这里是|我呢?度系)|"
    r"(?P<third>(?:他|她|佢|老人|老人家|孩子|小孩|奶奶|爷爷|阿婆|阿伯|儿子|女儿|侄女|侄子|妈妈|爸爸|母亲|父亲|老公|老婆|病人|患者|邻居|对方|老板|房东|户主|当事人|死者|同学|同事|朋友|弟弟|妹妹|哥哥|姐姐|孙子|孙女|人|有个|有位|一个)(?:的)?(?:名字)?(?:就)?(?:叫做|叫|名叫|姓名|名字叫|名字是))(?:做)?"
)
_SURNAME_IS = re.compile(
    r"(?P<owner>[^，,。！!？?；;：:\n]{0,12}?)(?:是|系)?(?:免贵)?姓(?!名)(?P<surname>欧阳|司徒|上官|诸葛|[\u4e00-\u9fff])"
)
# who may stand before 姓 for the caller to mean themselves; any other noun is somebody else
_SELF_BEFORE = re.compile(
    r"(?:^|我|本人|俺|自己|免贵|小|敝|这边|你好|您好|嗯|呃|额|哦|啊|那个|哎|喂|好的?|对|是|系|贵|答|[\s\d“”\"'（(、]|[a-zA-Z])$"
)
# The answer to 您贵姓: 屈，屈国梁.
_SURNAME_THEN_NAME = re.compile(
    r"(?:^|[\n。！!？?])[ ]?(?P<surname>[\u4e00-\u9fff])[，, 。…]{1,2}(?P<name>(?P=surname)[\u4e00-\u9fff]{1,2})(?=[，,。 \n0-9]|$)"
)
_CORRECTION = re.compile(r"哦不|不对|不是|错了|说错|啊不|应该是|改成|更正|打错|写错|唔系")
# a road or a village, however much its first character looks like a surname (桂香路)
_PLACE_ENDS = "路街巷村镇区厂园桥坊涌围"
# surnames that begin everyday words (都行, 能打)
_WORDS_FIRST = "都能从如于应有又就和向全时"
# beside a number even a name that is well known (李娜) is a name
_RANK_BESIDE_PHONE = 2000
_BARE_TAIL = re.compile(
    r"^(?:[，,。 ]*(?:我是|我系|系|是)?(?:他|她|老人|佢)?(?:的|嘅)?(?:邻居|女儿|儿子|家属|本人|网格员|社工|村民|居民|租客|街坊|侄子|侄女|老公|老婆|妈妈|爸爸|朋友|同事|志愿者|村干部|妇女主任)?[，,。.!！~ 啊呀哦吧咯啦呢的]*)$"
)


@lru_cache(maxsize=1)
def surnames() -> tuple[frozenset[str], frozenset[str]]:
    """Surnames of one character, and of two."""
    known = read_words(SURNAMES_FILE)
    return frozenset(s for s in known if len(s) == 1), frozenset(s for s in known if len(s) == 2)


def _surname_length(text: str) -> int:
    single, double = surnames()
    if text[:2] in double and len(text) >= 3:
        return 2
    return 1 if text[:1] in single else 0


def is_surname(text: str) -> bool:
    """Whether `text` is a surname, of one character or of two."""
    return any(text in known for known in surnames())


def looks_like_name(text: str, rank: int = 60) -> bool:
    """A surname and one or two given characters (three with a compound surname), no word.

    `rank`: how common a word must be to be no name.
    """
    surname = _surname_length(text)
    if not surname or not 1 <= len(text) - surname <= 2:
        return False
    if not re.fullmatch(r"[\u4e00-\u9fff]+", text):
        return False
    if text[surname:] in _SELF_TITLES or text[0] == text[1]:
        return False
    if any(character in _NOT_GIVEN and character not in _GIVEN_OK for character in text[surname:]):
        return False
    return not words.is_common(text, rank) and text[-1] not in _PLACE_ENDS


def _name_at(text: str, start: int, *, trusted: bool = False) -> str | None:
    """The name that begins at `start`, the longest that looks like one and ends at a word."""
    if trusted and (whole := _WHOLE.match(text, start)) and _given_anyway(whole.group()):
        return whole.group()
    stretch = re.match(r"[\u4e00-\u9fff]{1,4}", text[start : start + 4])
    if not stretch or _CALLED_IN.match(text, start):
        return None
    run = stretch.group()
    surname = _surname_length(run)
    if not surname:
        return None
    for length in (surname + 2, surname + 1):
        piece = text[start : start + length]
        if (
            len(piece) == length
            and looks_like_name(piece)
            and (trusted or _ends_there(text, start + length))
        ):
            if length == surname + 2 and _swallows(text, start, length):
                continue
            return piece
    piece = text[start : start + surname + 1]
    if trusted and len(piece) == surname + 1 and piece[-1] not in _NOT_GIVEN:
        return piece
    return None


_WHOLE = re.compile(r"[\u4e00-\u9fff]{3,4}(?=[，,。！!；; \n0-9]|$)")
# 我叫车来了: what is called is no person
_CALLED = "车水火马花米油煤苗"
_CALLED_IN = re.compile(f"[{_CALLED}](?:来|去|到|过|都|已|送|走|了)")


def _given_anyway(text: str) -> bool:
    """After 我叫 the rest of a clause is a name of three characters, whatever these mean (何时了)."""
    surname = _surname_length(text)
    if not surname or len(text) - surname != 2 or text[0] in _CALLED:
        return False
    given = text[surname:]
    return given not in _SELF_TITLES and not re.search(r"[吗呢吧啊呀的不没就都我你他她]", given)


def _ends_there(text: str, end: int) -> bool:
    return (
        not re.match(r"[\u4e00-\u9fff]", text[end : end + 1])
        or text[end] in "，,的是在住电手我想今男女系"
    )


def _swallows(text: str, start: int, length: int) -> bool:
    """Whether the last character of a three-character name begins a following word instead."""
    last = start + length - 1
    return any(
        words.is_common(text[last : last + n], 2000)
        for n in (2, 3)
        if len(text[last : last + n]) == n
    ) and (text[last] in _NOT_GIVEN or text[last : last + 2] in ("电话", "手机", "住在"))


def extract(text: str) -> list[Name]:
    """Names in `text`, left to right; of a corrected name only the later stays."""
    found: list[Name] = []
    whole = _bare(text)
    if whole:
        return [whole]
    readers = (_corrected, _spelled, _introduced, _posted, _titled, _beside_phone)
    for name in (name for read in readers for name in read(text)):
        if not covered(Span(name.start, name.end), (Span(f.start, f.end) for f in found)):
            found.append(name)
    return _drop_corrected(text, sorted(found, key=lambda name: name.start))


# 查 is a surname, too
_LOOK_UP = re.compile(r"查(?:进|询|问|结|案|诉|看|下|一)")
# the whole message is a form of address: 陈社工, 小李
_CALLED_ALONE = re.compile(
    rf"(?P<name>(?:老|小|阿)[\u4e00-\u9fff]|(?P<who>[\u4e00-\u9fff]{{1,2}}?)(?:{'|'.join(_SELF_TITLES)}))[，,。.!！~ 啊呀哦吧啦呢]*"
)


def _bare(text: str) -> Name | None:
    lead = re.match(
        r"[，, 。嗯啊哦呃好的]*(?:我的?(?:名字)?)?(?:叫做|叫|是|系|姓名|名字|就叫)?[：:， ,]*", text
    )
    start = lead.end() if lead else 0
    if called := _CALLED_ALONE.fullmatch(text, start):
        who = called["who"] or ""
        if is_surname(who) if who else _is_nickname(called["name"]):
            return Name(called["name"], called.start("name"), called.end("name"), "title", "caller")
    for begin in {start, 0}:
        for length in (4, 3, 2):
            piece = text[begin : begin + length]
            if (
                len(piece) == length
                and not _LOOK_UP.match(piece)
                and looks_like_name(piece)
                and _BARE_TAIL.match(text[begin + length :])
            ):
                return Name(piece, begin, begin + length, "bare", "caller")
    return None


def _spelled(text: str) -> Iterator[Name]:
    """姓席，席卷的席，席志刚 → 席志刚; 姓陈 alone → 陈 with a form of address if one follows."""
    for match in _SURNAME_IS.finditer(text):
        surname = match["surname"]
        if not _surname_length(surname + "一一"):
            continue
        window = text[match.end() : match.end() + 24]
        owner: Owner = "caller" if _SELF_BEFORE.search(match["owner"]) else "other"
        full = _full_after_surname(window, surname)
        if full:
            at = match.end() + full[1]
            yield Name(full[0], at, at + len(full[0]), "full", owner)
            continue
        title = re.match(_TITLE, window)
        value = surname + (title.group() if title and title.group() in _SELF_TITLES else "")
        end = match.end() + (len(value) - len(surname))
        direct = re.match(r"[\u4e00-\u9fff]{1,2}(?=[，,。 0-9]|$)", window)
        if len(value) == len(surname) and direct and looks_like_name(surname + direct.group()):
            value = surname + direct.group()
            end = match.end() + direct.end()
        kind: Kind = "full" if direct and len(value) > len(surname) else "title"
        yield Name(value, match.start("surname"), end, kind, owner)
    for match in _SURNAME_THEN_NAME.finditer(text):
        piece = match["name"] if looks_like_name(match["name"]) else match["name"][:2]
        if looks_like_name(piece):
            yield Name(
                piece, match.start("name"), match.start("name") + len(piece), "full", "caller"
            )


def _full_after_surname(window: str, surname: str) -> tuple[str, int] | None:
    position = 0
    while (at := window.find(surname, position)) >= 0:
        spelling = re.match(rf"[^，,。]{{1,5}}的(?:那个)?{surname}", window[at:])
        if spelling:
            position = at + spelling.end()
            continue
        before = window[max(0, at - 2) : at]
        if before.endswith("的") and window[at + len(surname) : at + len(surname) + 1] in (
            "，",
            "。",
            ",",
            " ",
            "",
        ):
            position = at + 1
            continue
        for length in (2, 1):
            piece = window[at : at + len(surname) + length]
            if len(piece) == len(surname) + length and looks_like_name(piece, _RANK_BESIDE_PHONE):
                return piece, at
        position = at + 1
    return None


def _introduced(text: str) -> Iterator[Name]:
    for match in _INTRODUCTION.finditer(text):
        trusted = bool(match["self"] or match["third"])
        start = match.end()
        titled = re.match(
            rf"(?:老|小|阿)?[\u4e00-\u9fff]{{1,2}}?{_TITLE}(?![站室部处所会])",
            text[start : start + 6],
        )
        name = _name_at(text, start, trusted=trusted)
        owner: Owner = "other" if match["third"] else "caller"
        if name:
            yield Name(name, start, start + len(name), "full", owner)
            continue
        if titled and _surname_length(titled.group().lstrip("老小阿") + "一一"):
            yield Name(titled.group(), start, start + titled.end(), "title", owner)
            continue
        nick = _NICKNAME.match(text, start)
        if nick and (match["self"] or (match["am"] and _is_nickname(nick.group()))):
            yield Name(nick.group(), start, nick.end(), "title", owner)


_NICKNAME = re.compile(
    r"(?:阿|老|小|大)[\u4e00-\u9fff](?=[，,。！!的 0-9、；;]|$|是|我|住|在|就|吧|啊|呀|好|可以|行|电话|手机)"
)
_KIN_OF_A = "婆公姨伯叔妈爸嫲爷哥姐弟妹嫂婶姑舅"


def _is_nickname(text: str) -> bool:
    """小李, 老陈, 阿强: how people call themselves; no word (老师, 小区, 阿婆)."""
    if words.is_common(text, 400) or (words.is_common(text, 2) and text[0] == "大"):
        return False
    return text[1] not in _KIN_OF_A if text[0] == "阿" else is_surname(text[1])


# 我是村委的陈主任, 我是社工站的小陈: who they are stands before the name
_POSTED = re.compile(
    r"(?:我|本人)(?:是|系)[^，,。！!？?；;\n]{0,12}(?:的|嘅|社工|网格员|志愿者|义工|村委|居委|村委会|居委会|物业)"
    r"(?P<name>[\u4e00-\u9fff]{2,5})(?=[，,。！!？?；; \n0-9]|$)"
)
# 不是林路生是林璐生, 不叫…叫…
_RENAMED = re.compile(
    r"(?:不是|唔系|唔是|并非|不叫)(?P<wrong>[\u4e00-\u9fff]{2,4}?)[，,。 ]{0,2}(?:应该)?(?:而是|是|系|叫)"
    r"(?P<right>[\u4e00-\u9fff]{2,4}?)(?:才对|的)?(?=[，,。！!？?；; \n0-9]|$)"
)
# 应该是林璐生, 名字打错了，林璐生; 是林璐生不是林路生
_RIGHTED = re.compile(
    r"(?:名字|姓名|称呼)[^，,。\n]{0,6}?(?:错|不对|更正|改)[^，,。\n]{0,3}?[了成为：:，,。 ]+(?:应该)?(?:是|系|叫)?(?P<right>[\u4e00-\u9fff]{2,4})(?=[，,。！!？?；; \n0-9]|$)|"
    r"(?:是|叫)(?P<first>[\u4e00-\u9fff]{2,4}?)[，,。 ]{0,2}(?:不是|唔系|并非|不叫)(?P<wrong>[\u4e00-\u9fff]{2,4})(?=[，,。！!？?；; \n]|$)"
)
_NAMING = re.compile(r"名字|姓名|称呼|叫|姓")


def _corrected(text: str) -> Iterator[Name]:
    """The right one of two names, where a wrong one is taken back."""
    for match in [*_RENAMED.finditer(text), *_RIGHTED.finditer(text)]:
        group = "right" if match["right"] else "first"
        name, wrong = match[group], match["wrong"]
        alike = wrong is None or wrong[0] == name[0] or _NAMING.search(text) is not None
        if alike and looks_like_name(name) and (wrong is None or looks_like_name(wrong)):
            yield Name(name, match.start(group), match.end(group), "full", "caller")


def _posted(text: str) -> Iterator[Name]:
    for match in _POSTED.finditer(text):
        name, start = match["name"], match.start("name")
        title = re.fullmatch(rf"(?P<who>[\u4e00-\u9fff]{{1,2}}?){_TITLE}", name)
        if (title and is_surname(title["who"])) or (
            len(name) == 2 and _NICKNAME.fullmatch(name) and _is_nickname(name)
        ):
            yield Name(name, start, match.end("name"), "title", "caller")
        elif len(name) >= 3 and looks_like_name(name):
            yield Name(name, start, match.end("name"), "full", "caller")


_TITLED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=联系)|(?<=联系人)|(?<=联络)|(?<=找)|(?<=打给)|(?<=称呼)|(?<=我是)|(?<=我系))(?!联系|联络|打给|称呼|我是|我系|找|叫|人)(?P<who>[\u4e00-\u9fff]{1,3}?)(?P<title>先生|女士|小姐|太太)(?![们\u4e00-\u9fff]{0,1}们)"
)
_FOLK = re.compile(
    r"(?P<who>[\u4e00-\u9fff])(?P<title>伯|婆婆|婆|阿婆|阿姨|奶奶|爷爷|大爷|大妈|叔|婶|姨|嫂|伯伯|老伯|老师|医生|主任|书记|师傅|某某|某)(?![母父母们节])"
)


def _titled(text: str) -> Iterator[Name]:
    for match in _TITLED.finditer(text):
        who = match["who"]
        if (len(who) == 1 and _surname_length(who + "一一")) or looks_like_name(who):
            yield Name(
                match.group(),
                match.start(),
                match.end(),
                "title",
                "caller" if _signs(text, match) else "other",
            )
    for match in _FOLK.finditer(text):
        common = words.is_common(match.group(), 30) or words.is_common(
            text[match.start() - 1 : match.start() + 1], 100
        )
        if (
            _surname_length(match["who"] + "一一")
            and not common
            and match["who"] not in "成老全都来那同外阿公位"
        ):
            owner: Owner = "caller" if _opens_number(text, match) else "other"
            yield Name(match.group(), match.start(), match.end(), "title", owner)


def _opens_number(text: str, match: re.Match[str]) -> bool:
    """陈师傅137… as a clause of its own."""
    opens = re.search(r"(?:^|[，,。！!？?；; \n])$", text[: match.start()]) is not None
    return (
        opens
        and re.match(r"[，,：: ]{0,2}(?:电话|手机)?[：:]?[+0-9幺]{2}", text[match.end() :])
        is not None
    )


def _signs(text: str, match: re.Match[str]) -> bool:
    """A form of address beside a phone number or alone at an end of the text is the speaker's."""
    after, before = text[match.end() : match.end() + 10], text[: match.start()]
    if re.match(r"[，,：: （(]{0,2}(?:电话|手机)?[：:]?[+0-9幺一]", after):
        return True
    if re.search(
        r"(?:请|可以?|有事|就|直接|[，,。；; ]|^)(?:联系人?|联络|找|打给|称呼|我是|我系)[：: ]?$",
        before,
    ):
        return True
    alone = (
        re.match(r"[。.，, ]*$", after) is not None
        and re.search(r"(?:^|[，,。！!？? \n—-])$", before) is not None
    )
    return alone or bool(re.search(r"[0-9][，, ]?$", before))


def _beside_phone(text: str) -> Iterator[Name]:
    """罗翠萍 138…, 13800001234 陈志强; a name of three characters that closes the text."""
    for match in re.finditer(
        r"(?P<name>(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,4})[，,：: （(]{0,2}(?:电话|手机|tel)?[：: ]?(?=(?:\+?86)?1[3-9]\d)|(?<=\d{7})[，, ）)]{0,2}(?P<after>[\u4e00-\u9fff]{2,4})(?=[，,。！! ]|$)",
        text,
    ):
        group = "name" if match["name"] else "after"
        if match[group][0] in _WORDS_FIRST:
            continue
        if looks_like_name(match[group], _RANK_BESIDE_PHONE):
            yield Name(match[group], match.start(group), match.end(group), "full", "caller")
    close = re.search(
        r"(?P<lead>[村区，,。！!？?； \n—-])(?P<name>[\u4e00-\u9fff]{3})[。.！! ]*$", text
    )
    if (
        close
        and len(text) > 6
        and looks_like_name(close["name"])
        and not words.is_common(close["name"], 1)
        and not any(words.is_common(close["name"][i : i + 2], 50) for i in (0, 1))
    ):
        yield Name(close["name"], close.start("name"), close.end("name"), "full", "caller")


def _drop_corrected(text: str, found: list[Name]) -> list[Name]:
    kept: list[Name] = []
    for name in found:
        if kept and kept[-1].of == name.of == "caller":
            between = text[kept[-1].end : name.start]
            if (
                (len(between) <= 20 and _CORRECTION.search(between))
                or name.value.startswith(kept[-1].value)
                or (
                    len(kept[-1].value) <= 2
                    and kept[-1].value[0] == name.value[0]
                    and name.kind == "full"
                )
            ):
                kept.pop()
        if any(other.value == name.value and other.of == name.of for other in kept):
            continue
        kept.append(name)
    return kept


def principal(names: list[Name]) -> Name | None:
    """The caller's name: the fullest, the later of equals."""
    own = [name for name in names if name.of == "caller"]
    ranks = {"full": 2, "bare": 2, "title": 1}
    return max(own, key=lambda name: (ranks[name.kind], name.start), default=None)


def as_other(name: Name) -> Name:
    """The same name as somebody else's."""
    return replace(name, of="other")
