"""The registered texts keep the carriers' rules with the longest values."""

import csv
import io
import re
from pathlib import Path

import pytest
import yaml

from backend.cases.rules import Status
from backend.cases.wording import status_label
from backend.channels.sms import templates as module
from backend.channels.sms.segments import MAX_SEGMENTS, segments, units
from backend.channels.sms.templates import (
    Template,
    TemplateError,
    registered_ids,
    registration_sheet,
    templates,
)
from backend.taxonomy.service import taxonomy

ALL = [pytest.param(t, id=t.name) for t in templates().by_name.values()]
LINK = re.compile(r"https?:|www\.|[A-Za-z0-9-]+\.(?:com|cn|net|gov|org)|://|t\.cn", re.IGNORECASE)


@pytest.mark.parametrize("template", ALL)
class TestEveryText:
    def test_is_at_most_two_segments_with_the_longest_values(self, template: Template) -> None:
        assert 1 <= segments(template.longest) <= MAX_SEGMENTS

    def test_begins_with_the_signature_and_has_no_other(self, template: Template) -> None:
        assert template.longest.startswith("【莞家】")
        assert not re.search("[【】]", template.text)

    def test_holds_no_link(self, template: Template) -> None:
        assert not LINK.search(template.text)

    def test_says_what_it_is_for(self, template: Template) -> None:
        assert template.use

    def test_asks_for_a_rating_only_about_a_named_case(self, template: Template) -> None:
        names = {variable.name for variable in template.variables}
        assert not template.asks_rating or "case_no" in names


class TestLongestValues:
    """The file's longest values are those of the product's own lists."""

    def longest(self, name: str) -> int:
        raw = yaml.safe_load(Path(module.__file__).with_name("templates.yml").read_text("utf-8"))
        return units(raw["variables"][name]["longest"])

    def test_types(self) -> None:
        labels = [taxonomy().label(code) for code in taxonomy().types]
        assert max(map(units, labels)) <= self.longest("type")

    def test_statuses(self) -> None:
        assert max(units(status_label(status)) for status in Status) <= self.longest("status")

    def test_case_numbers(self) -> None:
        assert self.longest("case_no") == len("WSS26112100014")

    def test_every_variable_is_used(self) -> None:
        used = {v.name for t in templates().by_name.values() for v in t.variables}
        raw = yaml.safe_load(Path(module.__file__).with_name("templates.yml").read_text("utf-8"))
        assert used == set(raw["variables"])


class TestFilling:
    def test_puts_values_into_their_gaps(self) -> None:
        text = templates().fill("rated", {"score": "5", "case_no": "WSS26112100014"})
        assert text == "【莞家】谢谢您的评价（5分），已记到WSS26112100014。"

    def test_cuts_what_is_too_long(self) -> None:
        text = templates().fill(
            "refused", {"type": "路灯", "case_no": "WSS26112100014", "reason": "因" * 500}
        )
        assert segments(text) <= MAX_SEGMENTS
        assert "因…）" not in text
        assert "因…。" in text

    def test_puts_line_breaks_of_values_onto_one_line(self) -> None:
        filled = templates().fill("note", {"type": "路灯", "case_no": "W", "reason": "一\n二"})
        assert "一 二" in filled

    def test_a_value_with_braces_stays_as_it_is(self) -> None:
        filled = templates().fill("note", {"type": "{reason}", "case_no": "W", "reason": "{type}"})
        assert "您的{reason}（W）：{type}。" in filled

    @pytest.mark.parametrize("given", [{"score": "5"}, {"score": "5", "case_no": " "}])
    def test_refuses_gaps(self, given: dict[str, str]) -> None:
        with pytest.raises(TemplateError, match="case_no"):
            templates().fill("rated", given)

    def test_refuses_unknown_names(self) -> None:
        with pytest.raises(TemplateError):
            templates().fill("none_such", {})


class TestSheet:
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(registration_sheet())))

    def test_has_a_row_for_every_text_with_numbered_gaps(self) -> None:
        rows = {row["name"]: row for row in self.rows()}
        assert set(rows) == set(templates().by_name)
        assert rows["rated"]["content"] == "谢谢您的评价（{1}分），已记到{2}。"
        assert rows["rated"]["variables"] == "{1} 评分；{2} 诉求编号"
        assert rows["rated"]["signature"] == "【莞家】"
        assert all(int(row["segments"]) <= MAX_SEGMENTS for row in rows.values())

    def test_a_filled_in_sheet_gives_the_carriers_ids(self, tmp_path: Path) -> None:
        sheet = tmp_path / "sheet.csv"
        sheet.write_text(registration_sheet().replace("rated,,", "rated,SMS_77,"), "utf-8-sig")
        assert registered_ids(sheet) == {"rated": "SMS_77"}

    def test_without_a_sheet_the_names_are_the_ids(self) -> None:
        assert registered_ids(None)["rated"] == "rated"

    def test_another_file_is_refused(self, tmp_path: Path) -> None:
        sheet = tmp_path / "sheet.csv"
        sheet.write_text("a,b\n1,2\n", "utf-8")
        with pytest.raises(TemplateError):
            registered_ids(sheet)
