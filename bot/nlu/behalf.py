"""Whether somebody speaks for another, and who that is."""

from __future__ import annotations

import re

_OUTSIDE = (
    r"(?:隔壁|隔篱|对门|对面|邻居|楼上|楼下|同村|我们村|村里|村口|巷口|巷尾|街坊|工友|同事|朋友|老乡|同学|房客|租客|亲戚|舅父|舅舅|姑妈|姑姑|姨妈|表姐|表哥|表妹|表弟|堂|邻居家)"
    r"(?:的|家|有个|有位|有一个|有一位|一个|一位|那个|嗰个|个)?[^，,。！!？?；;\n]{0,4}?"
)
_NEEDY = r"(?:[\u4e00-\u9fff]?(?:伯|阿伯|阿婆|婆婆|婆|奶奶|爷爷|大爷|大妈|老人家|老人|老伯|老太太|老太|叔|婶|姨|阿姨|嫂|哥|姐|女士|先生|老奶奶|老爷爷|阿公|公公)|孩子|小孩|小朋友|小女孩|小男孩|女孩|男孩|老两口|一家|母子|母女|夫妻|孤儿|寡妇|姐弟|兄弟)"
# 给村里修路: a work for everybody, nobody is spoken for
_SHARED_WORK = r"(?:我们村|村里|村口|巷口|巷尾|楼下|楼上|对面|隔壁)(?:里|的)?(?:修|装|建|铺|加|安|换|挖|搞|弄|种|通|清|整|做)"
_FOR_OTHER = re.compile(
    rf"{_OUTSIDE}{_NEEDY}|(?:替|帮|代|为|给)(?:我)?(?!{_SHARED_WORK})(?:{_OUTSIDE})|(?:替|代)(?:他|她|佢|老人|邻居|人家|村里)[^，,。]{{0,6}}(?:报|问|申请|反映|求助|讲)|我(?:是|系)(?:[^，,。]{{0,6}})(?:他|她|佢|老人)?(?:的)?(?:邻居|社工|网格员|志愿者|班主任|村干部|妇女主任|楼长)"
)
_HELP = re.compile(
    r"帮|求|申请|想|要|需要|救助|照顾|没钱|冇钱|困难|可怜|病|残|瘫|轮椅|护理|学费|没人|冇人|独居|一个人"
)
_FAMILY = re.compile(
    r"我?(?:的)?(?P<who>爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|老公|老婆|丈夫|妻子|爱人|儿子|女儿|孩子|小孩|孙子|孙女|弟弟?|妹妹?|哥哥?|(?<!小)姐姐?|侄女|侄子|外甥女?|岳父|岳母|公公|婆婆|家公|家婆|阿爸|阿妈|阿嫲|阿公|阿婆|老豆|老母|仔|囡|个仔|个女)"
)
_AGE = r"(?:今年)?(?:[0-9]{1,3}|[一二三四五六七八九十百零]{1,4})(?:几|多|来)?岁|[六七八九]十[一二三四五六七八九几多]?(?:岁)?了?(?![户个人位块元年月天])"
_PERSON = re.compile(
    rf"(?P<who>(?:隔壁|对门|对面|楼上|楼下|邻居|村里)?(?:的|家|有个|有位|个|那个)?(?:[\u4e00-\u9fff](?:伯|婆婆|婆|奶奶|爷爷|大爷|阿姨|叔|婶|姨|嫂)|老奶奶|老爷爷|老伯|老人|阿婆|阿伯|孤寡老人))(?:[，, ]{{0,2}}(?:她|他|佢)?(?:今年|都|快|已经)?(?P<age>{_AGE}))?(?P<more>[，, ]{{0,2}}(?:独居|自己住|一个人住|孤寡|残疾|失明|瘫痪))?"
)


def on_behalf(text: str) -> bool:
    """Whether the help asked for is for somebody outside the speaker's own family."""
    return bool(_FOR_OTHER.search(text)) and bool(_HELP.search(text))


def person(text: str) -> str | None:
    """Who needs it, in the text's own words, with age and state where told: 成伯，八十二，独居."""
    best: str | None = None
    for match in _PERSON.finditer(text[:1000]):
        who = re.sub(r"^(?:的|家|有个|有位|个|那个)", "", match["who"])
        parts = [who, (match["age"] or "").removesuffix("了"), (match["more"] or "").strip("，, ")]
        described = "，".join(part for part in parts if part)
        if best is None or len(described) > len(best):
            best = described
    if best is None and (family := _FAMILY.search(text[:1000])):
        best = family["who"]
    return best
