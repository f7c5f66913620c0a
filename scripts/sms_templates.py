"""`make sms-templates`: the sheet by which the texts are registered with the carriers."""

from __future__ import annotations

from pathlib import Path

from backend.channels.sms.templates import registration_sheet, templates
from scripts.env_file import ROOT

SHEET = ROOT / "var" / "sms-templates.csv"


def write(path: Path = SHEET) -> Path:
    """Writes the sheet with a byte order mark, so that spreadsheets read its Chinese."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(registration_sheet(), encoding="utf-8-sig")
    return path


if __name__ == "__main__":
    print(f"{len(templates().by_name)} 个短信模板：{write()}")
    print("把运营商给的模板编号填进 template_id 一列，再让 GUANJIA_SMS_TEMPLATE_SHEET 指向它。")
