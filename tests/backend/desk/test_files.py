"""Uploads: every kind, and what must be refused."""

import io
import zipfile
from datetime import datetime

import pytest

from backend.core.clock import SHANGHAI
from backend.desk import files
from backend.desk.errors import FileUnreadableError, NothingFoundError
from backend.desk.files import transcripts

_SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>"""
_PARTS = {
    "[Content_Types].xml": """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}


def zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    """A spreadsheet with inline strings."""
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in row)
        + "</row>"
        for row in rows
    )
    parts = {name: text.encode() for name, text in _PARTS.items()}
    return zipped(parts | {"xl/worksheets/sheet1.xml": _SHEET.format(cells).encode()})


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "content", "texts"),
        [
            pytest.param("一通.txt", "市民：路灯坏了".encode(), ["市民：路灯坏了"], id="one call"),
            pytest.param(
                "两通.TXT", "路灯坏了\n====\n水管漏了\n".encode(), ["路灯坏了", "水管漏了"], id="two calls"
            ),
            pytest.param("gbk.txt", "路灯坏了".encode("gb18030"), ["路灯坏了"], id="GBK"),
            pytest.param("utf16.txt", "路灯坏了".encode("utf-16"), ["路灯坏了"], id="UTF-16"),
            pytest.param(
                "表.csv", "编号,通话内容\n1,路灯坏了\n2,\n".encode("utf-8-sig"), ["路灯坏了"], id="csv"
            ),
            pytest.param("无头.csv", "1,村口路灯坏了很久".encode(), ["村口路灯坏了很久"], id="no header"),
            pytest.param("表.xlsx", workbook([["内容"], ["路灯坏了"]]), ["路灯坏了"], id="xlsx"),
            pytest.param(
                "包.zip",
                zipped({"a.txt": "路灯".encode(), "b.csv": "内容\n水管".encode(), "c.png": b"x"}),
                ["路灯", "水管"],
                id="zip",
            ),
        ],
    )  # fmt: skip
    def test_gives_all_calls_in_order(self, name: str, content: bytes, texts: list[str]) -> None:
        assert [item.text for item in transcripts(name, content)] == texts

    @pytest.mark.parametrize("said", ["2026-11-18", "2026/11/18", "2026年11月18日"])
    def test_ticket_number_and_deadline_are_kept(self, said: str) -> None:
        content = f"工单号,诉求内容,办理期限\nDH001,路灯坏了,{said}\n".encode()
        (item,) = transcripts("a.csv", content)
        assert item.external_ref == "DH001"
        assert item.external_due == datetime(2026, 11, 18, 23, 59, tzinfo=SHANGHAI)


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            pytest.param("a.pdf", b"x", id="another kind"),
            pytest.param("a.xlsx", b"not a zip", id="broken spreadsheet"),
            pytest.param("a.zip", b"PK\x03\x04broken", id="broken archive"),
            pytest.param("a.zip", zipped({"b.zip": zipped({"c.txt": b"x"})}), id="archive of archives"),
            pytest.param("a.zip", zipped({"a.txt": b"0" * 30_000_000}), id="a bomb"),
        ],
    )  # fmt: skip
    def test_are_told(self, name: str, content: bytes) -> None:
        with pytest.raises((FileUnreadableError, NothingFoundError)):
            transcripts(name, content)

    def test_a_header_that_lies_about_its_size(self) -> None:
        honest = zipped({"a.txt": b"0" * 30_000_000})
        size = (30_000_000).to_bytes(4, "little")
        with pytest.raises(FileUnreadableError):
            transcripts("a.zip", honest.replace(size, (10).to_bytes(4, "little")))

    def test_an_empty_file(self) -> None:
        with pytest.raises(NothingFoundError):
            transcripts("a.txt", b"  \n ")

    def test_too_many(self) -> None:
        content = "\n====\n".join(["路灯"] * (files.MAX_TRANSCRIPTS + 1)).encode()
        with pytest.raises(FileUnreadableError):
            transcripts("a.txt", content)
