"""Hotline calls: turns and speakers in any notation, or none; what the caller says.

All views keep the length of the text, so that offsets of extractors stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Speaker = Literal["agent", "caller"]


@dataclass(frozen=True)
class Turn:
    """What one speaker says, without label and time stamp: `text[start:end]`."""

    speaker: Speaker
    start: int
    end: int
    text: str


_AGENT_LABEL = (
    r"坐席员|坐席|座席员|座席|客服代表|客服员|客服人员|客服|话务员|话务|接线员|接线|接听员|接听人|接听|接电话|服务员|服务台|服务|工作人员|热线员|热线|受理员|受理人|受理|值班员|值班|专员|登记员|"
    r"12345|agent|Agent|AGENT|operator|Operator|staff|system|assistant|助手|机器人|工号[ ]?[0-9A-Za-z]+"
)
_CALLER_LABEL = r"市民|来电人|来电者|来电|群众|用户|客户|居民|村民|诉求人|反映人|投诉人|求助人|申请人|主叫方|主叫|访客|对方|咨询人|报料人|caller|Caller|CALLER|citizen|customer|user|User"
_PLAIN_LABEL = r"A|B|C|甲方|乙方|甲|乙|丙|说话人[ ]?[0-9A-Z一二]|发言人[ ]?[0-9A-Z一二]|讲话人[ ]?[0-9]|(?:speaker|Speaker|SPEAKER|spk|channel|ch)[ _]?[0-9A-Z]|男|女|男声|女声|左|右|左声道|右声道|[QqAa]|问|答|S[0-9]|P[0-9]|[12]|①|②"
_NUMBERED = r"[ ]?[0-9]{0,6}(?:号)?(?:[\u4e00-\u9fff]{0,1}(?:先生|女士|小姐))?"
_LABEL = rf"(?P<label>(?:{_AGENT_LABEL}|{_CALLER_LABEL}){_NUMBERED}|{_PLAIN_LABEL})"
_TIME = r"(?:[\[(（【<]?[ ]?(?:\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?[ T]?)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:[.,]\d{1,3})?(?:[ ]?(?:-->|-|~|—)[ ]?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:[.,]\d{1,3})?)?[ ]?[\])）】>]?)"
_OPEN, _CLOSE = r"[\[(（【<「『《*#]{0,2}", r"[\])）】>」』》*#]{0,2}"
_BRACKETED = re.compile(
    rf"^[ ]?(?:{_TIME}[ ]?)?(?:[0-9]{{1,3}}[.、)][ ]?)?[\[(（【<「『《][ ]?{_LABEL}[^\])）】>」』》\n]{{0,14}}[\])）】>」』》][ ]?(?:{_TIME})?[：: ]?",
    re.MULTILINE,
)
_COLON = re.compile(
    rf"^[ ]?(?:{_TIME}[ ]?)?(?:[0-9]{{1,3}}[.、)][ ]?)?[*#]{{0,2}}{_LABEL}(?:[ ]?[(（\[][^)）\]\n]{{0,14}}[)）\]])?[*]{{0,2}}[ ]?(?:{_TIME})?[ ]?[：:>|\-—][ ]?",
    re.MULTILINE,
)
_OWN_LINE = re.compile(
    rf"^[ ]?(?:{_TIME}[ ]?)?{_OPEN}{_LABEL}{_CLOSE}[ ]?(?:{_TIME})?[：:]?[ ]?\n", re.MULTILINE
)
_SPACED = re.compile(
    rf"^[ ]?(?:{_TIME}[ ]?)?(?P<label>(?:{_AGENT_LABEL}|{_CALLER_LABEL}))[ \t]+", re.MULTILINE
)
_INLINE = re.compile(
    rf"(?:(?<=[。！!？?；;，, \n\])）】])|^)(?:{_TIME}[ ]?)?[\[(（【<]?(?P<label>(?:{_AGENT_LABEL}|{_CALLER_LABEL}){_NUMBERED}|[AB甲乙问答])[\])）】>]?[：:][ ]?"
)
_INLINE_BRACKET = re.compile(
    rf"[\[(（【<](?P<label>(?:{_AGENT_LABEL}|{_CALLER_LABEL}){_NUMBERED})[\])）】>][：: ]?"
)
_JSON = re.compile(
    r"\{[^{}]*?[\"']?(?:role|speaker|who|from|spk|channel|角色|说话人)[\"']?\s*:\s*[\"']?(?P<label>[^\"',}]{1,12})[\"']?[^{}]*?[\"']?(?:text|content|utterance|words|msg|message|sentence|内容|文本|话术)[\"']?\s*:\s*\"(?P<said>(?:[^\"\\]|\\.)*)\""
)
_STAMP_LINE = re.compile(rf"^[ ]?{_TIME}[ ]?", re.MULTILINE)

_AGENT_WORDS = re.compile(
    r"您|请问|请讲|请说|贵姓|为您|登记|帮你们?记|记下|记低|记录|已经?记|转给|转办|工单|热线|这里是|服务台|很高兴|稍等|回访|受理|还有(?:别的|其他)(?:事|问题)?吗|同步|核实一下|确认一下|方便留|留个电话|怎么称呼|点称呼|係咪要反映|系咪要反映|想加咩|有冇同村委|尽快|反馈给|会有人联系|保密的|麻烦您|感谢"
)
_QUESTION = re.compile(
    r"(?:吗|呢|么|咩|边度|喺边|哪|几多|多少|几个|什么|谁|怎么|贵姓|电话|地址|姓名)[？?]?[ ]?$|[？?]$"
)
_CALLER_WORDS = re.compile(
    r"我(?:们|哋|家|姓|叫|是|系|想|要|老|妈|爸|儿|女|在|住|的|这|那|也|都|去|不|没)|俺|咱|喂|没人管|投诉|反映|麻烦你|求|谢谢(?:你|您)|多谢|唔该|打过|天天|老人家|幺|零零零"
)
_SPOKEN_NUMBER = re.compile(r"[幺零一二三四五六七八九]{7,}")
_READ_BACK = re.compile(
    r"^[好嗯是]?[的]?[，, ]?1[3-9]\d{9}[，,。 ]?(?:对吗|是吧|对吧|好的|登记了|记低咗|记下了|好|吗)?"
)
_AFFIRMS = re.compile(r"^(?:嗯|恩|对|是|系|啱|好|冇错|没错|可以|行|就是|正确|無誤|无误)")


def is_transcript(text: str) -> bool:
    """Whether a text is plainly a noted call: labelled turns of both sides."""
    labelled = _labelled(text)
    return len(labelled) >= 3 and len({turn.speaker for turn in labelled}) == 2


def parse(text: str) -> list[Turn]:
    """The turns of a call in order. Never empty for a text with words in it."""
    turns = _labelled(text)
    if len(turns) >= 2:
        return turns
    return _unlabelled(text)


def is_one_block(turns: Sequence[Turn]) -> bool:
    """Whether nobody's words are told apart, as in a transcription without lines."""
    return len(turns) == 1


def _labelled(text: str) -> list[Turn]:
    for reader in (_read_json, _read_lines, _read_inline):
        turns = reader(text)
        if len(turns) >= 2 and len({turn.speaker for turn in turns}) == 2:
            return turns
    return []


def _read_json(text: str) -> list[Turn]:
    found = list(_JSON.finditer(text))
    pieces = [(match["label"].strip(), match.start("said"), match.end("said")) for match in found]
    return _assign(text, pieces)


def _read_lines(text: str) -> list[Turn]:
    best: list[Turn] = []
    for pattern in (_OWN_LINE, _BRACKETED, _COLON, _SPACED):
        turns = _assign(text, _cut(text, pattern))
        if len(turns) > len(best) and len({turn.speaker for turn in turns}) == 2:
            best = turns
    return best


def _read_inline(text: str) -> list[Turn]:
    for pattern in (_INLINE, _INLINE_BRACKET):
        turns = _assign(text, _cut(text, pattern))
        if len(turns) >= 3 and len({turn.speaker for turn in turns}) == 2:
            return turns
    return []


def _cut(text: str, pattern: re.Pattern[str]) -> list[tuple[str, int, int]]:
    """Pieces between labels: label, start and end of what is said."""
    marks = list(pattern.finditer(text))
    if not marks:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [(mark["label"], mark.end(), end) for mark, end in zip(marks, ends, strict=True)]


def _assign(text: str, pieces: Sequence[tuple[str, int, int]]) -> list[Turn]:
    speakers = _speakers(text, pieces)
    turns = []
    for label, start, end in pieces:
        while end > start and text[end - 1] in " \n\t":
            end -= 1
        while start < end and text[start] in " \n\t：:":
            start += 1
        if end > start:
            turns.append(Turn(speakers[_key(label)], start, end, text[start:end]))
    return turns


def _key(label: str) -> str:
    return re.sub(r"\s", "", label)


def _speakers(text: str, pieces: Sequence[tuple[str, int, int]]) -> dict[str, Speaker]:
    """Who is behind each label; letters and numbers are told by what they say."""
    known: dict[str, Speaker] = {}
    scores: dict[str, float] = {}
    for label, start, end in pieces:
        key = _key(label)
        if re.match(_AGENT_LABEL, key):
            known[key] = "agent"
        elif re.match(_CALLER_LABEL, key):
            known[key] = "caller"
        scores[key] = scores.get(key, 0.0) + _agent_score(text[start:end])
    unknown = [key for key in scores if key not in known]
    if unknown and not known:
        agent = max(unknown, key=lambda key: scores[key])
        known = {key: "agent" if key == agent else "caller" for key in unknown}
    missing: Speaker = "caller" if "agent" in known.values() else "agent"
    return {key: known.get(key, missing) for key in scores}


def _agent_score(said: str) -> float:
    """Positive for the words of an agent, negative for those of a caller."""
    said = said.strip()
    score = 1.2 * len(_AGENT_WORDS.findall(said)) - 0.8 * len(_CALLER_WORDS.findall(said))
    if _READ_BACK.search(said):
        score += 3
    if _SPOKEN_NUMBER.search(said):
        score -= 3
    if _QUESTION.search(said) and len(said) <= 30:
        score += 1
    if len(said) > 45:
        score -= 1
    return score


def _unlabelled(text: str) -> list[Turn]:
    """Speakers of lines without labels: by what is said and by taking turns."""
    stamped = [match.end() - match.start() for match in _STAMP_LINE.finditer(text)]
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n]+", text)]
    if len(lines) < 3:
        return [Turn("caller", 0, len(text), text)] if text.strip() else []
    spans = []
    for start, end in lines:
        stamp = _STAMP_LINE.match(text, start, end) if stamped else None
        start = stamp.end() if stamp else start
        if text[start:end].strip(" -—"):
            spans.append((start, end))
    scores = [_agent_score(text[start:end]) for start, end in spans]
    speakers = _alternate(scores)
    return [
        Turn(who, start, end, text[start:end])
        for who, (start, end) in zip(speakers, spans, strict=True)
    ]


def _alternate(scores: Sequence[float]) -> list[Speaker]:
    """The likeliest sequence of speakers (Viterbi): a change is likelier than going on."""
    going_on = -1.5
    best: dict[Speaker, tuple[float, list[Speaker]]] = {"agent": (0.0, []), "caller": (0.0, [])}
    for score in scores:
        best = {
            "agent": _step("agent", score, best["agent"], best["caller"], going_on),
            "caller": _step("caller", -score, best["caller"], best["agent"], going_on),
        }
    return max(best["agent"], best["caller"], key=lambda path: path[0])[1]


def _step(
    who: Speaker,
    gain: float,
    same: tuple[float, list[Speaker]],
    other: tuple[float, list[Speaker]],
    going_on: float,
) -> tuple[float, list[Speaker]]:
    """The better way to come to `who`: going on speaking, or taking over."""
    stayed = same[0] + (going_on if same[1] else 0.0)
    value, trail = (stayed, same[1]) if stayed > other[0] else other
    return value + gain, [*trail, who]


def view(text: str, turns: Sequence[Turn], keep: Callable[[Turn], bool]) -> str:
    """`text` with everything blanked but the kept turns; same length, turns end in line breaks."""
    characters = ["\n"] * len(text)
    for turn in turns:
        if keep(turn):
            characters[turn.start : turn.end] = turn.text
    return "".join(characters)


def caller_view(text: str, turns: Sequence[Turn]) -> str:
    """Only the caller's words."""
    return view(text, turns, lambda turn: turn.speaker == "caller")


def number_view(text: str, turns: Sequence[Turn]) -> str:
    """The caller's words, and the agent's where they read a number back."""
    said = set(re.findall(r"[0-9零〇幺一二三四五六七八九]", caller_view(text, turns)))
    return view(
        text,
        turns,
        lambda turn: (
            turn.speaker == "caller"
            or (
                bool(said) and bool(re.search(r"[0-9]{7,}|[幺零一二三四五六七八九]{7,}", turn.text))
            )
        ),
    )


def confirmed(turns: Sequence[Turn], index: int) -> bool:
    """Whether the caller agrees right after the agent's turn at `index`."""
    following = turns[index + 1] if index + 1 < len(turns) else None
    return (
        following is not None
        and following.speaker == "caller"
        and bool(_AFFIRMS.match(following.text))
    )


def answers(turns: Sequence[Turn], asked: re.Pattern[str]) -> list[Turn]:
    """The caller's turns that follow an agent's question matching `asked`."""
    return [
        turns[index + 1]
        for index, turn in enumerate(turns[:-1])
        if turn.speaker == "agent"
        and asked.search(turn.text)
        and turns[index + 1].speaker == "caller"
    ]
