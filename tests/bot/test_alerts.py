"""Danger told in everyday words, and the same words where nobody is in danger."""

from __future__ import annotations

import pytest

from bot.nlu import alerts
from bot.nlu.normalization import normalize

SELF_HARM = """
我想带着孩子一起走了
打算同个仔一齐去算了
真想抱着娃跳下去
唔想做人喇
我不想做人了，太累
真系唔想生存落去
不如死咗好过，唔使连累人
还不如死了算了
我死了大家都轻松
活够了，不给儿女添麻烦
我活腻了
想跟老伴一起去了，没什么牵挂
我在世上已经没有牵挂了
我在天台上站了好久
一个人站在阳台上想了很久
再没人管我，我就从这桥上跳下去
他走了以后我天天想着跟他去
喺桥边企咗好耐，坐在江边想了一夜
后事我都安排好了
药我也攒够了，今晚吃
一次吃完就不痛了
一口气食晒就唔会醒
我想紫砂
不如从这里跳下去
她说做人没意思，想下去陪她妈
奶奶前年跳楼，我现在也想跳楼
"""
SAFE_HEART = """
放学想带着孩子一起走，路上没有灯
带着孩子一起走亲戚回来发现灯坏了
想跟老伴一起去了解一下长者饭堂
我姐三年前自杀走了，留下孩子要读书
奶奶前年跳楼走了，爷爷现在一个人，想要个收音机
去年有个租客跳楼，现在大家都不敢走那条巷
我站在桥边想了很久，还是想反映护栏的事
我妈的后事安排好了，想问丧葬补贴
药买好了，就是没人帮忙换药
想买个紫砂壶
这里的规定太死了，更好的办法有没有
不想活活被油烟熏死
大树上吊着马蜂窝
没有什么牵挂的人，就想找个伴聊天
我不是想不开，就是想找人说说话
"""
ABUSE = """
叔叔晚上进我房间摸我
继父摸我下面
姑父趁我睡觉摸我胸
老师老是摸我大腿，我不敢告诉妈妈
我女儿说邻居阿伯摸她下面
表哥半夜爬上我的床
教练让我脱衣服
佢成日摸我屁股，我好惊
孙女讲房东亲她，还说不准告诉别人
我昨天被人猥亵了
小区有个老头脱了孩子的裤子
我老公的弟弟晚上摸我女儿
他又来摸我女儿了
亲戚趁我不在家摸我孩子，怎么办
小叔子摸我女儿大腿
后爸对我动手动脚
我孙女被邻居阿伯摸了
"""
VIOLENCE = """
隔壁天天打孩子，身上都是伤
楼上的继母每天打那个小孩，脸上身上全是淤青
老公打我 眼睛看不见了
他打我打得满头是血
老豆又打我，流咗好多血
昨天他又打我，头好晕
昨晚老公又打了我
用烟头烫孩子
他在砸门我躲在厕所
我躲喺冲凉房，佢踢门
前夫一直在外面砸门
小学门口有人拿刀砍人
老公又打我，把我锁在房里
老板不让我们走，还打人
我被骗了两万，刚刚转过去的
个仔放学到而家都未返屋企
他拿照片威胁我要钱
不给钱就发到我家人群里
我被裸聊的人勒索了
"""
MISSING = """
孩子不见了，四岁
我女儿在商场走丢了，穿红衣服
我爸老年痴呆走丢了
失智老人走失，求帮忙找
阿婆唔见咗，佢有痴呆
和孩子走散了
丢了一个小孩，在菜市场
儿子离家出走三天了
楼上老人三天没开门，敲门没人应
隔壁独居阿伯几日冇落楼，拍门冇人应
奶奶昨晚没回家，电话关机
"""
FIRE = """
煤气味很浓
家里一股煤气味，我头晕
闻到好浓的燃气
煤气漏紧，点算
电梯困住人了
我们被困在电梯里
有个小孩困喺𨋢度
隔壁楼冒烟好像着火了
楼下应该是着火了
高压线掉下来了，地上有水
电线断了掉在路中间，滋滋响
楼道里全是烟，看不见路
楼下电瓶车冒烟了
厨房起火啊，快来
煤气罐漏气了
"""
MEDICAL = """
我爸突然说不出话，半边动不了
老伴今早嘴歪了，左手抬不起来
阿妈忽然讲唔到嘢，半身郁唔到
小孩掉井里了
有人落水了
刚才有个学生滑进河里了
阿公心口痛，出冷汗
工友从脚手架上摔下来了
我妈摔倒了起不来
娃把纽扣电池吞了下去
喝了老鼠药怎么办
"""
CALM = """
三年前被前夫打得骨折，现在想找工作
小时候爸爸打我，满身是伤，想找人聊聊
孩子打完疫苗头晕，去哪里问
他打我电话打了一天
打球摔得流血，想修球场
医生摸我肚子说没事
我摸了一下栏杆，衣服脏了
老师摸孩子的头表扬他
半夜摸我女儿的额头，发烧到39度，社区医院几点开门
晚上摸孩子 发烧了，哪里能看病
想晚上摸黑走路的孩子有盏灯
小时候被叔叔摸过，一直有阴影，想做心理辅导
想办一次防性侵讲座
井盖不见了
我家的猫不见了
孩子的书包不见了
老人经常走丢，想申请定位手环
怕我爸走丢
孩子他爸不见了三年，一个人带娃
电梯经常困人，物业不修
怕被困在电梯里
电梯上个月困过人
电视线掉下来了，垂在地上
电线老化，怕着火
想装煤气报警器
村里宣传防落水
落水管坏了
前年有小孩掉进河里，想装护栏
爷爷中风后说不出话，半边动不了，要个护理床
我爸半边身子瘫痪好几年
社区的人上门敲门没人应就走了
同学欺负他，他把自己锁在房间不肯上学
工伤摔断腿，老板不管，没钱吃药
楼上天天打孩子骂孩子，吵得睡不着
你们再不修我就发到网上
想死你们了
吵到想死
电梯刷卡的，保安问我去几楼
轮椅推不动，路太烂
邻居的亲弟弟在村委上班
怕孩子吞了电池，想学急救
"""


def lines(block: str) -> list[str]:
    """The sentences of a block, one a line."""
    return block.strip().split("\n")


def kinds(text: str) -> list[str]:
    """The kinds of danger found in a text as sent."""
    return [alert.kind for alert in alerts.extract(normalize(text).text)]


@pytest.mark.parametrize("text", lines(SELF_HARM))
def test_a_life_that_is_tired_of_itself(text: str) -> None:
    assert "self_harm" in kinds(text)


@pytest.mark.parametrize("text", lines(ABUSE) + lines(VIOLENCE) + lines(MISSING))
def test_a_matter_for_the_police(text: str) -> None:
    assert "crime" in kinds(text)


@pytest.mark.parametrize("text", lines(FIRE))
def test_a_matter_for_the_fire_brigade(text: str) -> None:
    assert "fire" in kinds(text)


@pytest.mark.parametrize("text", lines(MEDICAL))
def test_a_matter_for_the_ambulance(text: str) -> None:
    assert "medical" in kinds(text)


@pytest.mark.parametrize("text", lines(SAFE_HEART) + lines(CALM))
def test_long_past_supposed_denied_or_of_another_meaning(text: str) -> None:
    assert kinds(text) == []
