"""Uploads into transcripts: txt, csv, xlsx, and zip of these. Pure; sizes are bounded."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePosixPath

from python_calamine import CalamineError, CalamineWorkbook

from backend.core.clock import SHANGHAI
from backend.desk.errors import FileUnreadableError, NothingFoundError
from backend.desk.wording import say

MAX_TRANSCRIPTS = 500
MAX_CHARS = 20_000
MAX_INFLATED_BYTES = 20_000_000
MAX_ENTRIES = 1_000
_SEPARATOR = re.compile(r"^[ \t]*(?:[=＝]{3,}|[-－—]{3,}|[*＊]{3,}|[#＃]{3,})[ \t]*$", re.MULTILINE)
_TEXT_HEADERS = (
    "通话内容", "诉求内容", "工单内容", "对话内容", "转写", "通话", "对话", "内容", "描述", "诉求", "文本",
    "transcript", "content", "text",
)  # fmt: skip
_REF_HEADERS = ("工单号", "工单编号", "热线工单", "单号", "编号", "ticket", "external_ref")
_DUE_HEADERS = ("办理期限", "办结期限", "截止", "期限", "时限", "deadline", "due")
_CELL = str | int | float | bool | date | time | datetime | object


@dataclass(frozen=True, slots=True)
class Transcript:
    """One call, with the hotline's ticket number and deadline where the file has them."""

    text: str
    external_ref: str | None = None
    external_due: datetime | None = None


def transcripts(name: str, content: bytes) -> list[Transcript]:
    """All calls in a file, in its order.

    Raises:
        FileUnreadableError: of another kind, broken, too big; the detail says which.
        NothingFoundError: no words in it.
    """
    found = [item for item in _read(name, content, depth=0) if item.text.strip()]
    if not found:
        raise NothingFoundError(say("files.empty"))
    if len(found) > MAX_TRANSCRIPTS:
        problem = say("files.too_many", limit=MAX_TRANSCRIPTS, count=len(found))
        raise FileUnreadableError(problem)
    return [Transcript(t.text[:MAX_CHARS], t.external_ref, t.external_due) for t in found]


def _read(name: str, content: bytes, depth: int) -> list[Transcript]:
    kind = PurePosixPath(name.lower()).suffix
    if kind == ".txt":
        return _split(_decoded(content))
    if kind == ".csv":
        return _table(_csv_rows(_decoded(content)))
    if kind == ".xlsx":
        return _table(_xlsx_rows(content))
    if kind == ".zip" and depth == 0:
        return [
            item
            for entry, inner in _unzipped(content)
            if PurePosixPath(entry.lower()).suffix in (".txt", ".csv", ".xlsx")
            for item in _read(entry, inner, depth=1)
        ]
    raise FileUnreadableError(say("files.kind"))


def _decoded(content: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise FileUnreadableError(say("files.encoding"))


def _split(text: str) -> list[Transcript]:
    """Calls in one text are parted by a line of ===, ---, *** or ###."""
    return [Transcript(part.strip()) for part in _SEPARATOR.split(text)]


def _csv_rows(text: str) -> list[list[_CELL]]:
    try:
        delimiter = csv.Sniffer().sniff(text[:4_000], delimiters=",;\t").delimiter
    except csv.Error:
        delimiter = ","
    try:
        return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise FileUnreadableError(say("files.broken")) from error


def _xlsx_rows(content: bytes) -> list[list[_CELL]]:
    for _ in _unzipped(content):
        pass  # a spreadsheet is a zip file: its sizes are checked before it is read
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            list(row) for name in workbook.sheet_names for row in workbook.get_sheet_by_name(name).to_python()
        ]  # fmt: skip
    except (CalamineError, OSError, ValueError) as error:
        raise FileUnreadableError(say("files.broken")) from error


def _unzipped(content: bytes) -> Iterable[tuple[str, bytes]]:
    """The entries' names and contents; refuses what would unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            too_big = sum(entry.file_size for entry in entries) > MAX_INFLATED_BYTES
            if too_big or len(entries) > MAX_ENTRIES:
                raise FileUnreadableError(say("files.too_big"))
            for entry in entries:
                yield _entry_name(entry), archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError) as error:
        raise FileUnreadableError(say("files.broken")) from error


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """Chinese names of old Windows archives are stored in GBK but read as cp437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _table(rows: Sequence[Sequence[_CELL]]) -> list[Transcript]:
    filled = [row for row in rows if any(_text(cell) for cell in row)]
    if not filled:
        return []
    header = [_text(cell).lower() for cell in filled[0]]
    column = _column(header, _TEXT_HEADERS)
    if column is None:
        return [Transcript(_text(row[_longest(filled)])) for row in filled]
    ref, due = _column(header, _REF_HEADERS), _column(header, _DUE_HEADERS)
    return [
        Transcript(
            _text(_cell(row, column)),
            _text(_cell(row, ref)) or None,
            _moment(_cell(row, due)),
        )
        for row in filled[1:]
    ]


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    for name in names:
        for index, title in enumerate(header):
            if name in title:
                return index
    return None


def _longest(rows: Sequence[Sequence[_CELL]]) -> int:
    """The column with most words, for tables without a header we know."""
    width = min(len(row) for row in rows)
    if width == 0:
        raise FileUnreadableError(say("files.column"))
    return max(range(width), key=lambda index: sum(len(_text(row[index])) for row in rows))


def _cell(row: Sequence[_CELL], index: int | None) -> _CELL:
    return row[index] if index is not None and index < len(row) else ""


def _text(cell: _CELL) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _moment(cell: _CELL) -> datetime | None:
    """A deadline; a bare day means its end."""
    if isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, date):
        found = datetime.combine(cell, time(23, 59))
    else:
        said = re.sub(r"[年月/.]", "-", _text(cell)).replace("日", "").strip()
        try:
            found = datetime.fromisoformat(said)
        except ValueError:
            return None
        if len(said) <= len("2026-11-18"):
            found = datetime.combine(found.date(), time(23, 59))
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
