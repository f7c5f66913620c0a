"""Commands and ratings are whole messages, however they are typed."""

import pytest

from backend.channels.sms.keywords import Command, read_command, said_as
from backend.conversations.ratings import Rating, read_rating


class TestCommands:
    @pytest.mark.parametrize(
        ("text", "command"),
        [
            *((word, Command.STOP) for word in ("退订", "T", "t", "Ｔ", "TD", "td。", " 退 订 ")),
            ("TD退订", Command.STOP),
            *((word, Command.STOP_BY_TWILIO) for word in ("STOP", "stop", "Cancel", "QUIT!")),
            ("恢复", Command.START),
            ("START", Command.START_BY_TWILIO),
            ("HELP", Command.HELP_BY_TWILIO),
            ("帮助", Command.HELP),
            ("?", Command.HELP),
            ("？", Command.HELP),
            *(
                (word, Command.WRONG_NUMBER)
                for word in ("不是我", "不是我。", "唔係我", "你们发错了")
            ),
            *((word, Command.PROGRESS) for word in ("进度", "【进度】", "“进度”", "查进度", "JD")),
            *((word, Command.PERSON) for word in ("人工", "转人工", "人工服务！")),
        ],
    )
    def test_are_read(self, text: str, command: Command) -> None:
        assert read_command(text) is command

    @pytest.mark.parametrize(
        "text",
        [
            "我要退订牛奶的诉求",
            "电话打错了",
            "打错了",
            "取消",
            "不是我的电话，是13800001234",
            "这条路的进度怎么样了，什么时候修好",
            "tt road",
            "YES",
            "是",
            "",
            "。",
        ],
    )
    def test_are_not_read_into_sentences(self, text: str) -> None:
        assert read_command(text) is None

    def test_some_are_put_to_the_assistant_in_its_own_words(self) -> None:
        assert said_as(Command.PROGRESS) == "我的诉求到哪了"
        assert said_as(Command.PERSON) == "转人工"
        assert said_as(Command.STOP) is None


class TestRatings:
    @pytest.mark.parametrize(
        ("text", "score", "bare"),
        [
            ("5", 5, True),
            ("５。", 5, True),
            ("三", 3, True),
            ("4分", 4, False),
            ("评价2", 2, False),
            ("打 五 分", 5, False),
            ("1星", 1, False),
        ],
    )
    def test_are_read(self, text: str, score: int, bare: bool) -> None:
        assert read_rating(text) == Rating(score, bare)

    @pytest.mark.parametrize("text", ["0", "6", "55", "5个人", "第3个", "满意", "", "1 2"])
    def test_other_numbers_are_none(self, text: str) -> None:
        assert read_rating(text) is None
