"""The face of printed case files: Noto Sans SC, cut down to what a document says and embedded.

The PDF library takes TrueType outlines only, the face has CFF ones: glyphs are converted as they are
needed and kept. Not safe for threads by itself; ``PRINTING`` serialises whoever prints.
"""

import io
import threading
from functools import cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pylopdf_fonts_zh_cn import sans_path
from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as PrintedFont
from reportlab.platypus import paragraph

FACE = "guanjia-print"
PRINTING = threading.Lock()
_MISSING = "□"
_MOST_ERROR = 1.0
_NEVER_FIRST = "，；：？！）》〉」』】〕”’…"
"""Chinese marks that may not begin a line; the library knows the Japanese ones."""


def use_face(text: str) -> None:
    """Register the face with every glyph of a text; what it lacks must be replaced before."""
    # the library would keep the first font of this name for ever
    pdfmetrics._fonts.pop(FACE, None)
    pdfmetrics._dynFaceNames.pop(FACE.encode(), None)
    pdfmetrics.registerFont(PrintedFont(FACE, io.BytesIO(_font(text))))
    for module in (textsplit, paragraph):
        if _NEVER_FIRST not in module.ALL_CANNOT_START:
            module.ALL_CANNOT_START += _NEVER_FIRST


def printable(text: str) -> str:
    """The text with □ for what the face lacks (pictographs, rare characters)."""
    known = _characters()
    return "".join(mark if mark in "\n\t" or ord(mark) in known else _MISSING for mark in text)


@cache
def _source() -> TTFont:
    return TTFont(sans_path(), lazy=True)


@cache
def _characters() -> dict[int, str]:
    found: dict[int, str] = _source().getBestCmap()
    return found


@cache
def _glyph(name: str) -> Glyph:
    glyphs = _source().getGlyphSet()
    pen = TTGlyphPen(None)
    glyphs[name].draw(Cu2QuPen(pen, _MOST_ERROR, reverse_direction=True))
    return pen.glyph()


def _font(text: str) -> bytes:
    """A TrueType font of these characters."""
    source, known = _source(), _characters()
    names = {code: known[code] for code in {ord(mark) for mark in text + _MISSING} if code in known}
    order = [".notdef", *sorted(set(names.values()) - {".notdef"})]
    across = source["hmtx"]
    build = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    build.setupGlyphOrder(order)
    build.setupCharacterMap(names)
    build.setupGlyf({name: _glyph(name) for name in order})
    build.setupHorizontalMetrics({name: across[name] for name in order})
    lines = source["hhea"]
    build.setupHorizontalHeader(ascent=lines.ascent, descent=lines.descent)
    build.setupNameTable({"familyName": "Noto Sans SC", "styleName": "Regular", "psName": FACE})
    build.setupOS2(sTypoAscender=lines.ascent, sTypoDescender=lines.descent)
    build.setupPost()
    made = io.BytesIO()
    build.save(made)
    return made.getvalue()
