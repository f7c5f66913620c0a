"""The printed case file: its own face, every character or a box, any length."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from backend.web.staff.case_pdf import Rows
from backend.web.staff.print_font import printable
from tests.support.api import filed
from tests.support.staff import OpenBrowser

PLACE = {"town": "441900119", "village": "441900119011"}
NewCase = Callable[..., dict[str, Any]]


def streams(pdf: bytes) -> bytes:
    """What is packed in a PDF without being text besides: faces and their tables."""
    found = re.findall(rb"/Filter \[ /FlateDecode \].*?stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join(zlib.decompressobj().decompress(body) for body in found)


def says(pdf: bytes, mark: str) -> bool:
    """Whether the embedded faces set this character."""
    return f"<{ord(mark):04X}>".encode() in streams(pdf)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("村口路灯 Lamp 5 盏→好，“行”", "村口路灯 Lamp 5 盏→好，“行”"),
        ("灯😀坏", "灯□坏"),
        ("道滘、漘、茶山\n", "道滘、漘、茶山\n"),
        ("\x07响", "□响"),
    ],
)
def test_what_the_face_lacks_is_a_box(text: str, shown: str) -> None:
    assert printable(text) == shown


async def test_the_face_comes_along_with_all_that_is_said(
    service: httpx.AsyncClient, new_case: NewCase, open_browser: OpenBrowser
) -> None:
    village = await open_browser("village", **PLACE)
    first = await filed(service, new_case(conversation_id="c1", description="桥塌了 <b>"), key="1")
    other = await filed(service, new_case(conversation_id="c2", description="鹅跑了😀好"), key="2")
    bridge = (await village.post(f"/staff/cases/{first['case_no']}/print")).content
    goose = (await village.post(f"/staff/cases/{other['case_no']}/print")).content
    assert b"/FontFile2" in bridge
    assert b"STSong" not in bridge
    assert (says(bridge, "桥"), says(bridge, "鹅")) == (True, False)
    assert (says(goose, "鹅"), says(goose, "好"), says(goose, "□")) == (True, True, True)


class TestRows:
    """A row of a table is read in one piece."""

    WIDTH = 480.0

    def _rows(self, lines: int) -> Rows:
        style = ParagraphStyle("plain", leading=10)
        cells = [[[Paragraph("x", style)], [Paragraph("x", style)] * lines] for _ in range(3)]
        return Rows(cells, colWidths=[80, 400], splitInRow=1)

    def test_the_first_goes_to_the_next_page_where_this_one_is_too_short(self) -> None:
        assert self._rows(10).split(self.WIDTH, 60) == []

    def test_the_others_stay_whole(self) -> None:
        rows = self._rows(10)
        first, rest = rows.split(self.WIDTH, rows.first_row(self.WIDTH) * 1.5)
        assert (len(first._cellvalues), len(rest._cellvalues)) == (1, 2)
        assert rest.first_row(self.WIDTH) == rows.first_row(self.WIDTH)

    def test_one_higher_than_a_page_goes_on(self) -> None:
        first, rest = self._rows(200).split(self.WIDTH, 300)
        assert isinstance(rest, Rows)
        assert first.first_row(self.WIDTH) <= 300


async def test_a_row_longer_than_a_page_goes_on_over_the_next(
    service: httpx.AsyncClient, new_case: NewCase, open_browser: OpenBrowser
) -> None:
    village = await open_browser("village", **PLACE)
    case = await filed(service, new_case(conversation_id="c1", description="说" * 20_000))
    proof = {"channel": "webchat", "conversation_id": "c1", "text": "补" * 5_000}
    await service.post(f"/cases/{case['case_no']}/supplements", json=proof)
    pdf = (await village.post(f"/staff/cases/{case['case_no']}/print")).content
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 15
