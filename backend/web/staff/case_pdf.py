"""The printable case file (卷宗): A4 with its face embedded, the same on every machine."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from backend.cases.schemas import CaseDetail, EventOut
from backend.cases.step_fields import all_fields, written
from backend.conversations.case_images import CaseImage
from backend.policies.schemas import PolicyCheckOut
from backend.web.pages import chinese_day, chinese_time, for_staff
from backend.web.staff.case_view import CaseView
from backend.web.staff.notice_view import SentLine, sent_lines
from backend.web.staff.print_font import FACE, PRINTING, printable, use_face
from backend.web.staff.wording import wording

PHOTO_PX = 900
"""The longest side of a photo in print: 80 mm at 285 dots per inch."""
_WIDTH_MM = 170
_PHOTO_MM = 80
_BODY = ParagraphStyle("body", fontName=FACE, fontSize=10.5, leading=16, wordWrap="CJK")
_SMALL = ParagraphStyle(
    "small", parent=_BODY, fontSize=9, leading=13, textColor=HexColor("#555555")
)
_HEAD = ParagraphStyle(
    "head", parent=_BODY, fontSize=13, leading=20, spaceBefore=8, spaceAfter=4, leftIndent=-6
)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=18, leading=28, alignment=TA_CENTER)
_LINE = HexColor("#9a9384")
_PAGE = A4[1] - 38 * mm - 12
"""What a page holds between its margins and the frame's padding."""
_HEADING = 34
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
        ("BACKGROUND", (0, 0), (0, -1), HexColor("#f4f1e8")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("RIGHTPADDING", (1, 0), (1, -1), 14),
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.5, _LINE),
        ("LINEABOVE", (0, "splitfirst"), (-1, "splitfirst"), 0.5, _LINE),
    ]
)


def case_pdf(
    view: CaseView, photos: Mapping[int, bytes], now: datetime, *, printed_by: str
) -> bytes:
    """A4 pages with the facts, the words, photos and the whole timeline; the contact stays masked.

    ``photos`` are JPEGs by the image's number.
    """
    case, out = view.case, io.BytesIO()
    footer = printable(f"{case.case_no}　{chinese_time(now)} 由 {printed_by} 打印")

    def draw_footer(canvas: Any, document: Any) -> None:
        canvas.setFont(FACE, 9)
        canvas.drawString(20 * mm, 12 * mm, f"{footer}　第 {document.page} 页")

    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=f"诉求卷宗 {case.case_no}",
        author="莞家助手",
        lang="zh-CN",
    )
    with PRINTING:
        use_face("")
        story = _story(view, photos)
        use_face(f"{_said(story)}{footer}　第0123456789页")
        document.build(story, onFirstPage=draw_footer, onLaterPages=draw_footer)
    return out.getvalue()


def _said(content: object) -> str:
    """Every character that paragraphs below will set."""
    if isinstance(content, Paragraph):
        return "".join(fragment.text for fragment in content.frags)
    if isinstance(content, Table):
        return _said(content._cellvalues)
    return "".join(_said(part) for part in content) if isinstance(content, list) else ""


def _story(view: CaseView, photos: Mapping[int, bytes]) -> list[Flowable]:
    case = view.case
    story: list[Flowable] = [
        Paragraph("“民生大莞家”诉求卷宗", _TITLE),
        Spacer(1, 4 * mm),
        _table(_facts(case, view.names)),
        *_head("诉求内容"),
        *_lines(case.description),
    ]
    if photos:
        story += [*_head("照片", _PHOTO_MM + 25), *_photos(view.images, photos)]
    events = [(chinese_time(event.at), _told(event, view.names)) for event in view.events]
    story += _section("办理过程", events)
    if view.checks:
        story += _section("政策核对", [_checked(check) for check in view.checks])
    if view.notices:
        lines = reversed(sent_lines(view.notices))
        story += _section("通知记录", [_sent(line) for line in lines])
    return story


def _section(words: str, rows: list[tuple[str, str]]) -> list[Flowable]:
    """A heading with its table, whose first row stays with it."""
    table = _table(rows, 46)
    return [RoomForRow(table), Paragraph(words, _HEAD), table]


def _head(words: str, room_mm: float = 35) -> list[Flowable]:
    """A heading that stays with what follows it."""
    return [CondPageBreak(room_mm * mm), Paragraph(words, _HEAD)]


def _facts(case: CaseDetail, names: dict[str, str]) -> list[tuple[str, str]]:
    words = wording()
    due = case.due
    groups = "、".join(words["groups"][group] for group in case.groups)
    rows = [
        ("诉求编号", case.case_no),
        ("类别与事项", f"{words['categories'][case.category]}　{case.type_label}"),
        ("当前环节", case.status_label),
        ("地点", " ".join(filter(None, (case.place, case.address))) or "待补"),
        ("提出时间", chinese_time(case.created_at)),
        ("提出渠道", words["channels"][case.channel]),
        ("提出者", " ".join(filter(None, (case.contact_name, case.contact_phone))) or "未留"),
        ("人群", groups),
        ("首问负责", names.get(case.first_receiver or "", "") or "—"),
        ("经办", names.get(case.assignee or "", "") or "—"),
        ("12345工单号", case.external_ref or ""),
        (
            "期限",
            f"{chinese_day(due.at)}{for_staff(due.what)}（{for_staff(due.basis)}）" if due else "",
        ),
        ("已并入", case.merged_into or ""),
    ]
    return [(left, right) for left, right in rows if right]


def _photos(images: Sequence[CaseImage], photos: Mapping[int, bytes]) -> list[Flowable]:
    """Two side by side, each with its number, time and origin; a row is never torn apart."""
    numbered = [(n, image) for n, image in enumerate(images, 1) if image.id in photos]
    cells = [_photo(n, image, photos[image.id]) for n, image in numbered]
    half = _WIDTH_MM / 2 * mm
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")])
    return [
        Table([list(pair)], colWidths=[half] * len(pair), hAlign="LEFT", style=style)
        for pair in batched(cells, 2)
    ]


def _photo(number: int, image: CaseImage, jpeg: bytes) -> list[Flowable]:
    scale = _PHOTO_MM * mm / max(image.width, image.height)
    origin = f"{image.by}添加" if image.by else "提出者发来"
    words = f"照片 {number}　{chinese_time(image.at)}　{origin}"
    caption = f"{words}：{image.caption}" if image.caption else words
    picture = Image(io.BytesIO(jpeg), image.width * scale, image.height * scale, hAlign="LEFT")
    return [picture, Paragraph(_plain(caption), _SMALL)]


def _told(event: EventOut, names: Mapping[str, str]) -> str:
    words, fields = wording()["events"], all_fields()
    data = event.data
    what = str(words.get(event.kind, event.kind))
    if event.kind == "assigned":
        to = data.get("to")
        what += f"：{names.get(to, to) if to else '退回本处'}"
    for unit in ("days", "images"):
        what += f" {data[unit]} {'天' if unit == 'days' else '张'}" if data.get(unit) else ""
    audience = "" if event.audience == "public" else "（内部）"
    first = "　".join(filter(None, (f"{what}{audience}", event.status_label, event.by)))
    recorded = [
        f"{fields[code].label}：{written(code, value)}"
        for code, value in data.get("fields", {}).items()
    ]
    return "\n".join(filter(None, (first, *recorded, event.note)))


def _checked(check: PolicyCheckOut) -> tuple[str, str]:
    sample = "（示例）" if check.sample else ""
    lines = (f"{check.outcome_label}：{check.title}{sample}，{check.department}", check.note)
    return chinese_time(check.at), "\n".join(filter(None, lines))


def _sent(line: SentLine) -> tuple[str, str]:
    whom = "，".join(filter(None, (line.to, line.channel)))
    why = f"（{line.reason}）" if line.reason else ""
    return chinese_time(
        line.at
    ), f"{line.outcome}　{whom}{'：' if line.what else ''}{line.what}{why}"


class Rows(Table):  # type: ignore[misc]  # reportlab ships no types
    """A table whose rows stay whole; only one that is higher than a page goes on over the next."""

    def split(self, width: float, height: float) -> list[Flowable]:
        """As ``Table.split``; nothing, so that a new page begins, where the first row needs one."""
        first = self.first_row(width)
        if height < first <= _PAGE:
            return []
        parts: list[Flowable] = super().split(width, height)
        return parts

    def first_row(self, width: float) -> float:
        """How high the first row is."""
        self.wrap(width, _PAGE)
        return float(self._rowHeights[0])


class RoomForRow(CondPageBreak):  # type: ignore[misc]
    """A new page unless a heading and the first row of its table find room on this one."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(0)
        self._rows = rows

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """As ``CondPageBreak.wrap``, for the height of the row; a row over pages needs but a start."""
        row = self._rows.first_row(width)
        self.height = _HEADING + (row if row <= _PAGE - _HEADING else 35 * mm)
        size: tuple[float, float] = super().wrap(width, height)
        return size


def _table(rows: list[tuple[str, str]], first_mm: int = 32) -> Rows:
    """Rows of two cells."""
    cells = [[_lines(left), _lines(right)] for left, right in rows]
    widths = [first_mm * mm, (_WIDTH_MM - first_mm) * mm]
    return Rows(cells, colWidths=widths, style=_GRID, splitInRow=1)


def _lines(text: str) -> list[Paragraph]:
    return [Paragraph(_plain(line), _BODY) for line in text.splitlines() if line.strip()]


def _plain(text: str) -> str:
    return escape(printable(text))
