"""Hardship groups named in a text (codes of the brief of eligibility, 东府办〔2020〕22号)."""

from __future__ import annotations

import re

_GROUPS: dict[str, re.Pattern[str]] = {
    "elderly": re.compile(
        r"老人|长者|老年|老伯|大爷|大伯|阿伯|阿公|阿婆|婆婆|老奶奶|奶奶|老爷爷|爷爷|外婆|外公|姥姥|老母亲|老太|耆|孤寡|"
        r"老头|老友|退休|(?:六十|七十|八十|九十|六|七|八|九)(?:[一二三四五六七八九]|多|几|来)?岁(?!的?(?:小|儿|女|孩|娃))|(?<!\d)(?:6[0-9]|7\d|8\d|9\d|10\d)(?:多|来)?岁|[六七八九]十[一二三四五六七八九几多]*(?:了|高龄|的老)"
    ),
    "child": re.compile(r"小孩|孩子|儿童|娃|小朋友|细路|婴儿|宝宝|幼儿|小学生|初中生|中学生|学生|未成年|少年|孙子|孙女|女童|男童|宝贝"),
    "disabled": re.compile(r"残疾|残障|残联|失明|盲人|视障|聋|哑|听障|轮椅|截肢|瘫|脑瘫|自闭症|智力障碍|智障|唐氏|肢体|肢残|精神障碍|断了?(?:一)?(?:条|只)(?:腿|手|胳膊)|假肢|孤独症|侏儒"),
    "low_income": re.compile(r"低保|低收入|贫困|困难(?:家庭|户|群众)|边缘户|低边|家庭困难|家里困难|经济困难|揭不开锅|没有?收入|冇收入|吃不起|交不起|生活困难|穷"),
    "extreme_poverty": re.compile(r"特困|五保|三无(?:人员|老人)"),
    "severe_illness": re.compile(r"癌|肿瘤|白血病|尿毒症|透析|重病|大病|重症|重疾|绝症|中风|脑梗|脑出血|心梗|ICU|icu|化疗|放疗|移植|渐冻|红斑狼疮|血友病|地中海贫血|地贫|罕见病|肝硬化|肾衰|癫痫|植物人|脊髓"),
    "orphan": re.compile(r"孤儿|父母双亡|(?:父母|爸妈|爹妈)(?:都)?(?:不在(?:了|世)|去世|走了|没了|过世)|无人抚养"),
    "left_behind_child": re.compile(r"留守|(?:父母|爸妈)(?:都)?(?:在外|出去|外出)(?:地)?打工"),
    "migrant": re.compile(r"外来(?:工|务工|人员|媳妇|人口)|务工|打工|新莞人|异地务工|外地人|外地户口|非本地户口|外省|老家(?:在|是)"),
    "veteran": re.compile(r"退伍|退役|复员|转业|军人|老兵|参战|军属|烈属|优抚|当过兵"),
    "single_parent": re.compile(r"单亲|单身妈妈|单身爸爸|一个人带(?:着)?(?:两个|三个|一个|俩|仨)?(?:小?孩|娃|孩子|女儿|儿子)|独自(?:抚养|带)"),
    "unemployed": re.compile(r"失业|下岗|待业|丢了(?:工作|饭碗)|没有?(?:了)?工作|冇工|找不到工作|被(?:裁|辞退|炒)|搵唔到工|无业|裁员"),
    "women": re.compile(r"妇女|孕妇|产妇|单亲妈妈|单身妈妈|宝妈|家暴|坐月子|产后|女工|寡妇"),
}  # fmt: skip


def extract(text: str) -> list[str]:
    """Codes of the groups that `text` names, in the order of the programme's list."""
    return [code for code, pattern in _GROUPS.items() if pattern.search(text)]
