"""By what a case is found: pairs of neighbouring characters, rare characters, facets. Pure.

The database keeps the marks of every case in the columns ``words`` and ``facets``, computed with
the row itself; its functions ``guanjia_plain``, ``guanjia_marks`` and ``guanjia_facets`` do what is
done here, and a test compares them.
"""

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WIDE = "".join(chr(ord(char) + 0xFEE0) for char in "0123456789" + _UPPER + _UPPER.lower())
_NARROW = "0123456789" + _UPPER.lower() * 2
_PLAIN = str.maketrans(_UPPER + _WIDE, _UPPER.lower() + _NARROW)
SEPARATORS = " \t\n\r\u3000，。、；：？！…—·～“”‘’（）《》【】「」,.;:?!~()[]<>\"'/\\|*+=_-"
"""No pair crosses one of these."""
COMMON = (
    "一七万三上下不专业东两个中为主么之九也书买了事二于五些交产亲人什今从他代以们件任份休会但位低住体作你佢保信修倒候假做停像"
    "儿先光入全八公六共关其养冇再写几出分别到前办加务动助包化区医十千半单卖卡卫厂压原去县又友反发变口只叫可台号司吃合同名后吗"
    "听告员周和咗哋哪唔商啊嘅四回因园在地场坏坐块城堂墙处复外多夜大天太头女她好如妈婆子字学孩安完定实客室家对导小少就局居屋山"
    "岁工差己已市师带帮干平年床应底店府度建开张当往很得心快怎怕情想意愿成我或户房所手才打找把投护报拉拿按换掉排接提收改放政救"
    "教敢整文断新方旁日旧早时明映是晚最月有服望期本机村条来板果某查校样根案楼次款正死母每民气水求没法泥活派流消清满火灯点然照"
    "父爸片牌物现班理生用由申电留病白百的监盖直看真眼着知石社离种租空窗站第等签算管米系红级线组经结给统网老者职联育能自花药莞"
    "菜落行街补表被装西要见规解警计认让议记讲证诉话该说请读谁调谢贴费资走起跑跟路身车转轮边过近返还这进连退送通道那部都里重金"
    "钱铁镇长门问间队防阿院隔雨面领题饭高黑"
    "0123456789abcdefghijklmnopqrstuvwxyz"
)
"""Characters of so many cases (3 % and more of the training requests) that none is marked alone."""
_COMMON_PAIRS = "我们 没有 一个 现在 个月 不能 可以 孩子 自己 不是 了一 能不 就是 我是"
_UNLED = frozenset(_COMMON_PAIRS.split())
"""Pairs of so many cases (10 % and more of the training requests) that they hardly lead."""
BUCKET_BITS = 10
"""Cases whose ids agree but for these bits share a mark: 1,024 neighbours in time."""
_DAY_S = 86_400


def plain(said: str) -> str:
    """The text as it is compared: letters small, letters and digits of full width made narrow."""
    return said.translate(_PLAIN)


def has_variants(said: str) -> bool:
    """Whether a plain text can be written otherwise: it holds letters or digits."""
    return any(char in _NARROW for char in said)


def marks(term: str) -> list[str]:
    """What a text that holds the term is marked with; empty if only reading it can tell."""
    found: set[str] = set()
    for run in _runs(plain(term)):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
        if len(run) == 1 and run not in COMMON:
            found.add(run)
    return sorted(found)


def leading(term: str) -> list[str]:
    """The marks worth following: without the most common pairs if others are left.

    Following a pair costs what it occurs, even beside a rare one; the text is read in any case
    unless the term is a single pair (``tells_all``).
    """
    found = marks(term)
    return [mark for mark in found if mark not in _UNLED] or found


def tells_all(term: str) -> bool:
    """Whether the marks alone prove that a text holds the term."""
    runs = _runs(term)
    return runs == [term] and len(term) <= 2 and bool(marks(term))


def facet(kind: str, value: object) -> str:
    """The mark of one of a case's properties; ``kind`` as in the database's function."""
    return f"{kind}{value}"


def bucket(case_id: int) -> int:
    """Which neighbours in time a case belongs to."""
    return case_id >> BUCKET_BITS


def day(moment_s: float) -> int:
    """The day of a deadline, in days since 1970."""
    return int(moment_s // _DAY_S)


def _runs(said: str) -> list[str]:
    return said.translate(_SPACED).split(" ")


_SPACED = str.maketrans(SEPARATORS, " " * len(SEPARATORS))
