"""Address detail: road, number, building, landmark behind or around a place."""

from __future__ import annotations

import re

from bot.nlu import place_evidence

_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百零〇甲乙丙丁东南西北]{1,6}"
_ROAD_WORD = r"(?:大道|大街|横街|横路|路段|路(?!灯|面|口|边|上|过|人|况|窄|烂|坏|都|中)|街(?!坊|道办|上|灯)|横巷|巷(?!口|子|尾|里)|坊(?![路街巷大横])|里弄|围(?![路街巷墙栏观着起满绕])|弄)"
_UNIT = r"(?:号楼(?![上下])|号铺|号|栋|幢|座|楼|层|室|房|单元|巷|排|间|档|铺|区|期|队|组|横|街)"
_LANDMARK = (
    r"(?:农贸市场|菜市场|批发市场|市场|文化广场|广场|小公园|公园|篮球场|球场|幼儿园|小学|中学|学校|祠堂|宗祠|牌坊|牌楼|文化室|文化中心|活动中心|活动室|卫生站|服务站|服务中心|村委会|村委|居委会|居委|党群服务中心|"
    r"老人院|敬老院|医院|诊所|药店|宿舍|工业区|工业园|科技园|花园|小区|豪庭|华庭|山庄|大厦|公寓|出租屋|公租房|安置房|加油站|收费站|公交站|车站|候车亭|地铁站|天桥|立交桥|大桥|桥头|桥底|桥|水闸|河堤|堤围|码头|水塔|水厂|垃圾站|垃圾池|公厕|"
    r"超市|便利店|小卖部|饭店|药房|凉亭|工地|士多店?|饭堂|食堂|酒店|宾馆|银行|邮局|派出所|消防站|变电站|木材厂|电子厂|纸厂|鞋厂|厂房|厂|仓库|鱼塘|菜地|水塘|池塘|涌边|河边|塘边|山脚|山边|榕树头?|大榕树|村口|路口|巷口|街口|十字路口|三岔路口|转盘|红绿灯|村尾|村头|巷尾|巷子|三角地|绿化带|停车场|卷闸门|晒谷场|古井|水井|戏台|土地庙|庙)"
)
_SIDE = r"(?:门口|正门|后门|北门|南门|东门|西门|侧门|门前|对面|旁边|侧边|隔壁|附近|后面|后边|后头|背后|前面|门外|楼下|楼上|入口|出口|转角|拐角|尾段|路段|交界处?|旁|口|尾|边上?|一带|中间|中段|里面|底下)"
_NAME = r"[\u4e00-\u9fffA-Za-z0-9]"
_STOP = r"(?:的路灯|的垃圾|路灯|坏|没有|没|有|把|被|是|了|都|很|太|经常|天天|一直|晚上|下雨|上面|想|要|请|能|希望|建议|投诉|反映|老是|总|这|那|我|们|哋|他|她|你|两|几|每|又|就|也|到处|下水道|电话|手机|不|最|已|年|月|天|住|说|个|来|过)"
_PART = re.compile(
    rf"(?:(?!{_STOP}){_NAME}){{1,8}}?{_ROAD_WORD}(?:{_NUMBER}{_UNIT})*(?:{_SIDE})?|"
    rf"(?:第?{_NUMBER}{_UNIT})+(?:[至到]{_NUMBER}{_UNIT}|[0-9]{{3,4}}(?![0-9年块元个人户米]))?(?:{_SIDE})?|"
    rf"(?:(?!{_STOP}){_NAME}){{0,8}}?{_LANDMARK}(?:{_NUMBER}{_UNIT})*(?:的)?(?:{_SIDE})?(?:{_LANDMARK})?(?:{_SIDE})?"
)
# who is there, not where it is (妈妈在厂里上班)
_PEOPLE = re.compile(r"[爸妈爷奶公婆哥弟姐妹夫妻儿女].?[在喺去到]")
_JOIN = re.compile(
    r"(?:就在|那里|这里|嗰度|呢度|那边|这边)?[，, 的在和与、]{0,2}(?:那|这|嗰|呢)?(?:条|家|个|间|栋|片|块|座|口|段)?"
)
_MEASURE = re.compile(r"^[条座栋间](?=[\u4e00-\u9fff]{2})")
_LEAD = re.compile(
    r"[，, 的：:]{0,2}(?:就)?(?:在|喺)?(?:那边|这边|嗰边|呢边|那个|那里|这里)?(?:的)?[，, ]?"
)
# the broken thing itself is no part of where it stands (市场口的红绿灯)
_THING = re.compile(r"(?<=.)的?红绿灯$")
_LONGEST = 48


def after(text: str, start: int, limit: int) -> str | None:
    """The address detail that begins at `start` (right behind a place), not beyond `limit`."""
    limit = min(limit, len(text), start + _LONGEST)
    lead = _LEAD.match(text, start, limit)
    position = lead.end() if lead else start
    begin, end = position, position
    while part := _PART.match(text, position, limit):
        kept = place_evidence.trimmed(part.group())
        if len(kept) < len(part.group()) or not place_evidence.is_named(kept):
            if end > begin or not _tells_apart(kept):
                break
            begin = part.end() - len(kept)
        end = part.end()
        join = _JOIN.match(text, end, limit)
        position = join.end() if join else end
    found = _MEASURE.sub("", text[begin:end].strip("，, 的"))
    return _THING.sub("", found) or None


_SIDED = re.compile(rf"{_LANDMARK}.*{_SIDE}$|(?:[路巷街村]口|村[头尾])$")
_BARE_LANDMARK = re.compile(rf"{_LANDMARK}的?")
_ROADS = re.compile(rf"{_NAME}+?{_ROAD_WORD}")
_NUMBERS = re.compile(rf"(?:第?{_NUMBER}{_UNIT})+{_SIDE}?")
_DOOR = re.compile(
    rf"(?:第?{_NUMBER}{_UNIT}){{2}}|[0-9A-Za-z]{{1,6}}(?:号楼|栋|幢|座|室|巷|铺|单元)|{_NUMBER}(?:巷|栋|幢|座|单元|号楼|区|队|组)"
)


def _tells_apart(piece: str) -> bool:
    """Whether a piece says by itself where something is: a named road, a door, a thing with a name
    or a side of it; not a thing of which every village has one (垃圾站)."""
    if not piece or not place_evidence.is_named(piece):
        return False
    if _NUMBERS.fullmatch(piece):
        return _DOOR.match(piece) is not None
    if _ROADS.match(piece) or _SIDED.search(piece):
        return True
    return _BARE_LANDMARK.fullmatch(piece) is None


# what somebody wants to have built stands nowhere yet
_WANTED = re.compile(
    r"(?:想|要|建|办|搞|起|加|装|修|整|弄|开)(?:多)?(?:一|几|两)?(?:个|座|间|条|处)?$"
)


def anywhere(text: str) -> str | None:
    """The first address detail of a text that names no place: 中路六号, 文化中心侧边."""
    best: str | None = None
    for match in _PART.finditer(text[:400]):
        if _WANTED.search(text, 0, match.start()) or _PEOPLE.search(match.group()):
            continue
        piece = place_evidence.trimmed(match.group())
        extended = after(text, match.end() - len(piece), len(text)) if piece else None
        if extended is None or not (_tells_apart(piece) or _tells_apart(extended)):
            continue
        if best is None or len(extended) > len(best):
            best = extended
    return best
