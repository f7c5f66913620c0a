"""The printable case file (卷宗).

Chinese is set in Adobe's standard song face, which PDF readers bring along or replace by the
system's own; no font file is needed here.
"""

import io
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from backend.cases.schemas import CaseDetail, EventOut
from backend.cases.step_fields import all_fields
from backend.web.pages import chinese_date, chinese_time
from backend.web.staff.case_view import CaseView
from backend.web.staff.wording import wording

_FONT = "STSong-Light"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=10.5, leading=16, wordWrap="CJK")
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=13, leading=20, spaceBefore=8, spaceAfter=4)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=18, leading=28, alignment=TA_CENTER)
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#9a9384")),
        ("BACKGROUND", (0, 0), (0, -1), HexColor("#f4f1e8")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)


def case_pdf(view: CaseView, now: datetime, *, printed_by: str) -> bytes:
    """A4 pages with the facts, the words and the whole timeline; the contact stays masked."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    case, out = view.case, io.BytesIO()
    footer = f"{case.case_no}　{chinese_time(now)} 由 {printed_by} 打印"

    def draw_footer(canvas: Any, document: Any) -> None:
        canvas.setFont(_FONT, 9)
        canvas.drawString(20 * mm, 12 * mm, f"{footer}　第 {document.page} 页")

    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        margins=20 * mm,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=f"诉求卷宗 {case.case_no}",
        author="莞家助手",
        lang="zh-CN",
    )
    story = [
        Paragraph("“民生大莞家”诉求卷宗", _TITLE),
        Spacer(1, 4 * mm),
        _table(_facts(case, view.names)),
        Paragraph("诉求内容", _HEAD),
        Paragraph(_plain(case.description), _BODY),
        Paragraph("办理过程", _HEAD),
        _table([(chinese_time(event.at), _told(event)) for event in view.events], 42),
    ]
    document.build(story, onFirstPage=draw_footer, onLaterPages=draw_footer)
    return out.getvalue()


def _facts(case: CaseDetail, names: dict[str, str]) -> list[tuple[str, str]]:
    words = wording()
    due = case.due
    rows = [
        ("诉求编号", case.case_no),
        ("类别与事项", f"{words['categories'][case.category]}　{case.type_label}"),
        ("当前环节", case.status_label),
        ("地点", " ".join(filter(None, (case.place, case.address))) or "待补"),
        ("提出时间", chinese_time(case.created_at)),
        ("提出渠道", words["channels"][case.channel]),
        ("提出者", " ".join(filter(None, (case.contact_name, case.contact_phone))) or "未留"),
        ("首问负责", names.get(case.first_receiver or "", "") or "—"),
        ("经办", names.get(case.assignee or "", "") or "—"),
    ]
    if case.external_ref:
        rows.append(("12345工单号", case.external_ref))
    if due:
        rows.append(("期限", f"{chinese_date(due.at)}{due.what}（{due.basis}）"))
    if case.merged_into:
        rows.append(("已并入", case.merged_into))
    return rows


def _told(event: EventOut) -> str:
    words, fields = wording()["events"], all_fields()
    audience = "" if event.audience == "public" else "（内部）"
    lines = [
        f"{words.get(event.kind, event.kind)}{audience}　{event.status_label or ''}　{event.by or ''}"
    ]
    lines += [
        f"{fields[code].label}：{value}" for code, value in event.data.get("fields", {}).items()
    ]
    return "\n".join([*lines, event.note or ""]).strip()


def _table(rows: list[tuple[str, str]], first_mm: int = 28) -> Table:
    cells = [
        [Paragraph(_plain(left), _BODY), Paragraph(_plain(right), _BODY)] for left, right in rows
    ]
    return Table(cells, colWidths=[first_mm * mm, (170 - first_mm) * mm], style=_GRID)


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br/>")
