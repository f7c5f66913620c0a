"""Batch triage, the figures of make eval, the rules of the corpus."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from bot.local_model import NoModelError, newest_model
from bot.nlu.classify.corpus import Example
from bot.triage_cli import UnusableLine, main, read_lines, with_progress
from scripts import check_corpus
from scripts.eval import measures
from scripts.eval.confusion import draw
from scripts.eval.measures import Judged


class TestLines:
    def test_blank_lines_are_left_out(self) -> None:
        assert read_lines(io.StringIO('{"id": 1, "text": "路灯"}\n\n')) == [
            {"id": 1, "text": "路灯"}
        ]

    @pytest.mark.parametrize("line", ["no json", "[]", '{"id": 1}', '{"id": 1, "text": 5}', "3"])
    def test_an_unusable_line_is_named(self, line: str) -> None:
        with pytest.raises(UnusableLine, match="line 2"):
            read_lines(io.StringIO(f'{{"id": 1, "text": "a"}}\n{line}\n'))

    def test_exit_status_tells(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(tmp_path / "missing.jsonl"), str(tmp_path / "out.jsonl")]) == 2
        assert "missing.jsonl" in capsys.readouterr().err

    def test_progress_goes_to_the_end(self) -> None:
        out = io.StringIO()
        rows: list[dict[str, Any]] = [{"id": 1}, {"id": 2}]
        assert list(with_progress(rows, out)) == rows
        assert "2/2" in out.getvalue()

    def test_no_model_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(NoModelError, match="make train"):
            newest_model(tmp_path)


def _judged(said_type: str, said_category: str, confidence: float = 0.9) -> Judged:
    return Judged(
        id="x",
        style="plain",
        natural=True,
        category="weishishi",
        type="road",
        allowed_types=frozenset({"road", "municipal"}),
        allowed_categories=frozenset({"weishishi", "out_of_scope"}),
        said_category=said_category,
        said_type=said_type,
        confidence=confidence,
        needs_person=confidence < 0.8,
    )


class TestMeasures:
    def test_strict_and_lenient(self) -> None:
        rows = [_judged("road", "weishishi"), _judged("municipal", "out_of_scope", 0.7)]
        figures = measures.report(rows)
        assert figures["category_strict"]["share"] == 0.5
        assert figures["category_lenient"]["share"] == 1.0
        assert figures["type_strict"]["share"] == 0.5
        assert figures["type_lenient"]["share"] == 1.0
        assert figures["natural"]["category_strict"]["n"] == 2
        assert figures["coverage"]["kept"] == 0.5

    def test_calibration_error(self) -> None:
        rows = [_judged("road", "weishishi", 0.9)] * 9 + [_judged("x", "weixinyuan", 0.9)]
        assert measures.reliability(rows)["ece"] == pytest.approx(0.0)

    def test_interval_of_wilson(self) -> None:
        assert measures.wilson(8, 10) == (0.4902, 0.9433)
        assert measures.wilson(0, 0) == (0.0, 1.0)

    def test_precision_and_recall(self) -> None:
        table = measures.by_label(["a", "a", "b"], ["a", "b", "b"])
        assert (table["a"]["precision"], table["a"]["recall"]) == (1.0, 0.5)
        assert (table["b"]["precision"], table["b"]["recall"]) == (0.5, 1.0)
        assert measures.macro_f1(table) == pytest.approx(0.6667)

    def test_the_picture_is_one_svg(self, tmp_path: Path) -> None:
        draw([_judged("road", "weishishi"), _judged("municipal", "out_of_scope")], tmp_path / "c")
        drawn = (tmp_path / "c").read_text()
        assert drawn.startswith("<svg")
        assert drawn.count("municipal") == 2


LONG = "村口到小学的水泥路开裂下陷三年没人修，下雨天积水到脚踝，孩子上学鞋袜全湿"


class TestCorpusRules:
    def test_duplicates_and_near_copies(self) -> None:
        near = Example(LONG.replace("三年", "五年"), "road", "plain")
        found = list(check_corpus.copies([Example(LONG, "road", "plain"), near, near]))
        assert len(found) >= 2
        assert any("the same text" in breach for breach in found)
        assert any("nearly" in breach for breach in found)

    def test_different_texts_are_no_copies(self) -> None:
        other = Example("想要一台轮椅，奶奶摔断了腿不能下地走路", "living_aid", "plain")
        assert not list(check_corpus.copies([Example(LONG, "road", "plain"), other]))

    def test_labels(self) -> None:
        wrong = [
            Example("a", "road", "plain", ("road",)),
            Example("b", "road", "loud"),
            Example("c", "roads", "plain"),
            Example("d", "emergency", "plain"),
            Example("e", "road", "plain", (), ("fire",)),
        ]
        assert len(list(check_corpus.labels(wrong))) == 5

    def test_too_few(self) -> None:
        assert len(list(check_corpus.counts([]))) == 44
