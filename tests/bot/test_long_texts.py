"""A long story: its type by its asking parts, its summary, and places of the past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.nlu import facts, long_texts, places
from bot.nlu.classify.model import Guess, RequestModel
from bot.nlu.summary import summarise

ASK = "如今儿子要做透析，一个月要好几千块，希望能申请救助。"
SCENE = "那时候我在厂里做工，天没亮就起身，食堂的灯一直亮着，工友们都说我手快。"
STORY = SCENE * 20 + ASK


class Reader:
    """The ask speaks for label 1 unless it is drowned by scenes, which speak for label 0."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        heard = ["透析" in text and len(text) < 10 * len(ASK) for text in texts]
        return np.array([[0.6, 0.0] if not ask else [0.0, 1.0] for ask in heard], dtype=np.float32)

    def decide(self, scores: np.ndarray) -> list[Guess]:
        return [Guess("ask" if row[1] > row[0] else "scene", (), 1.0) for row in scores]


def guessed(text: str) -> tuple[str, Reader]:
    reader = Reader()
    model: RequestModel = reader  # type: ignore[assignment]
    return long_texts.guess(model, [text])[0].type, reader


class TestType:
    def test_the_ask_at_the_end_decides(self) -> None:
        assert guessed(STORY)[0] == "ask"
        assert guessed(SCENE * 20)[0] == "scene"

    def test_a_short_text_is_read_once(self) -> None:
        assert guessed(ASK)[1].read == [ASK]

    @pytest.mark.parametrize("text", [SCENE * 600 + ASK, "长" * 20_000, "。" * 700])
    def test_little_is_read_of_any_length(self, text: str) -> None:
        read = guessed(text)[1].read
        assert len(read) <= 14
        assert sum(map(len, read)) <= 8_000

    def test_windows_cover_a_text(self) -> None:
        found = long_texts.windows(STORY)
        assert "".join(STORY[span.start : span.end] for span in found) == STORY


class TestSummary:
    def test_the_wish_at_the_end_is_in_it(self) -> None:
        assert "透析" in summarise(STORY)
        assert len(summarise(STORY)) <= 80

    def test_an_apology_is_no_wish(self) -> None:
        opening = "我没读过几年书，家里又穷，写得不好请多多包涵。"
        assert "透析" in summarise(opening + SCENE * 20 + ASK)

    def test_a_greeting_gives_way_to_the_wish(self) -> None:
        said = "尊敬的民生办各位领导，我是本村一名普通的村民，打扰你们了。" + ASK + SCENE
        assert summarise(said).startswith("如今儿子要做透析")


class TestPlacesOfThePast:
    @pytest.mark.parametrize(
        "past", ["那年在虎门镇租房打工。", "虎门镇住过几年。", "十年前我在虎门镇开小店。"]
    )
    def test_the_home_of_now_wins(self, past: str) -> None:
        found = facts.gather(past + "我们石排埔心的路灯不亮").places
        place = places.principal(found)
        assert place is not None
        assert (place.town, place.village) == ("441900104", "441900104212")
