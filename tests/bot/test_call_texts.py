"""What a case says of a call: the matter in the caller's words, without what only surrounds it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.nlu import asides, facts, segments
from bot.nlu.alerts import extract
from bot.nlu.call_texts import LONGEST_LINE, Said, describe, summarise
from bot.nlu.classify.model import Guess
from bot.nlu.matters import Guesser, settle_call
from bot.nlu.spans import Span


class TestDescribe:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            pytest.param("喂你好我想问下村口的灯谁管", "村口的灯谁管。", id="greeting"),
            pytest.param("我想反映两件事情啊。村口灯坏了", "村口灯坏了。", id="announced"),
            pytest.param("两件事，我是埔心的，第一件，沟堵了", "我是埔心的，沟堵了。", id="ordinal"),
            pytest.param("第二个是我们楼下的陈伯没人管", "我们楼下的陈伯没人管。", id="second"),
            pytest.param("还有一个就是井盖没了", "井盖没了。", id="another"),
            pytest.param("对，铺平硬底化一下", "铺平硬底化一下。", id="yes and more"),
            pytest.param("就是这个意思，录取通知书下个月来", "录取通知书下个月来。", id="affirmed"),
            pytest.param("唔该晒，最好中秋前", "最好中秋前。", id="thanks"),
            pytest.param("幺三八零零零零一二三四", "", id="number"),
            pytest.param("姓陈", "", id="name"),
            pytest.param("不对，你刚才念的6882，后面是二六八八，你再写一遍", "", id="mended number"),
            pytest.param("村口的灯，坏了半个月", "村口的灯，坏了半个月。", id="a thing of a place"),
            pytest.param("我叫了物业，没人来", "我叫了物业，没人来。", id="called somebody"),
        ],
    )  # fmt: skip
    def test_only_the_matter_is_kept(self, said: str, kept: str) -> None:
        assert describe([Said(said)]) == kept

    def test_who_calls_and_how_that_is_written_is_left_out(self) -> None:
        text = "学费交不起，我姓屈，屈国梁，委屈的屈"
        names = [Span(text.index("屈国梁"), text.index("屈国梁") + 3)]
        assert describe([Said(text, names=names)]) == "学费交不起。"

    def test_an_aside_is_left_out(self) -> None:
        text = "学费交不起。对面着火了！"
        assert describe([Said(text, aside=[Span(6, len(text))])]) == "学费交不起。"


class TestSummarise:
    def test_the_place_stands_before_the_matter_once(self) -> None:
        told = "我是大朗镇求富路的，我们小区外面那条路，井盖缺了一个。"
        assert summarise(told, "大朗镇求富路") == "大朗镇求富路：我们小区外面那条路，井盖缺了一个"

    def test_for_whom_is_asked_is_not_what(self) -> None:
        told = "我想帮我阿妈问下。可不可以安排人上门帮手冲凉。"
        assert summarise(told, None) == "可不可以安排人上门帮手冲凉"

    def test_it_stays_short(self) -> None:
        told = "路面烂得不成样子，坑一个接一个，下雨全是水，" * 5
        assert len(summarise(told, "樟木头镇樟洋")) <= LONGEST_LINE


def _guess(kinds: dict[str, str]) -> Guesser:
    """A guesser that is sure of what a word stands for."""

    def guess(texts: Sequence[str]) -> list[Guess]:
        found = [next((k for w, k in kinds.items() if w in t), "other_matter") for t in texts]
        return [Guess(kind, [(kind, 0.99)], 0.99) for kind in found]

    return guess


class TestMattersOfACall:
    TEXT = "坐席：您好\n市民：沟堵了三天没人管。第二件，我妈住院没钱。\n坐席：好\n市民：谢谢"

    def test_another_matter_may_begin_within_a_turn(self) -> None:
        parts = segments.split(self.TEXT, "transcript")
        found = settle_call(parts, _guess({"沟": "drainage", "住院": "medical_aid"}))
        assert [(part.text, guess.type) for part, guess in found] == [
            ("沟堵了三天没人管。", "drainage"),
            ("第二件，我妈住院没钱。", "medical_aid"),
        ]

    def test_more_of_the_same_is_one_matter(self) -> None:
        parts = segments.split(self.TEXT, "transcript")
        (found,) = settle_call(parts, _guess({"沟": "drainage", "住院": "drainage"}))
        assert found[0].text == "沟堵了三天没人管。第二件，我妈住院没钱。"

    def test_one_block_without_lines_is_divided_like_a_message(self) -> None:
        text = "公园的路灯四五盏不亮了另外就是楼下那个垃圾桶三天没人收了臭得要命"
        assert len(segments.split(text, "transcript")) == 2

    def test_every_part_of_one_block_has_its_own_words(self) -> None:
        text = "村口路灯不亮，另外我妈瘫痪在床想申请护理床"
        assert facts.gather(text, "transcript").turns[0].text == text


_KINDS = {"着火": "emergency", "喊": "emergency", "学费": "education_aid"}


class TestFireInPassing:
    def _apart(self, text: str) -> tuple[str, list[Span]]:
        (part,) = segments.split(text, "transcript")
        rest, spans = asides.set_apart(part, extract(text), _guess(_KINDS))
        return rest.text, spans

    def test_it_is_no_part_of_somebodys_matter(self) -> None:
        rest, spans = self._apart(
            "孙女的学费三千多交不起。对面楼着火了！有人喊。打119。我捡废品的。"
        )
        assert rest == "孙女的学费三千多交不起。我捡废品的。"
        assert len(spans) == 1

    def test_a_fire_at_home_is(self) -> None:
        text = "孙女的学费三千多交不起。我家着火了！快来人。"
        assert self._apart(text) == (text, [])
