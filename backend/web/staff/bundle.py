"""The archive of a case (档案留存): JSON, photos, the audit entries about it, check sums."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from backend.conversations.case_images import CaseImage
from backend.core.clock import rfc3339
from backend.core.privacy import Vault
from backend.staff.audit import seal
from backend.staff.models import AuditEntry
from backend.web.staff.case_view import CaseView

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def build_bundle(
    view: CaseView,
    photos: Mapping[int, bytes],
    entries: Sequence[AuditEntry],
    vault: Vault,
    now: datetime,
) -> bytes:
    """A zip of ``case.json``, ``audit.json``, ``images/`` and ``SHA256SUMS``.

    The contact stays masked; ``photos`` are JPEGs by the image's number, byte by byte as kept
    (``sha256`` in ``case.json``). ``audit.json`` carries every entry with its seal and its
    predecessor's, so each can be found in the chain; ``sealed`` says whether the seal fits the
    entry now.
    """
    case = {
        "exported_at": rfc3339(now),
        "case": view.case.model_dump(mode="json"),
        "events": [event.model_dump(mode="json") for event in view.events],
        "policies": [check.model_dump(mode="json") for check in view.checks],
        "notices": [line.model_dump(mode="json") for line in view.notices],
        "images": [_image(image, photos) for image in view.images],
    }
    files = {
        "case.json": _json(case),
        "audit.json": _json({"entries": [_entry(entry, vault) for entry in entries]}),
        **{_name(number): jpeg for number, jpeg in photos.items()},
    }
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**files, "SHA256SUMS": sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), body)
    return packed.getvalue()


def _name(number: int) -> str:
    return f"images/{number}.jpg"


def _image(image: CaseImage, photos: Mapping[int, bytes]) -> dict[str, Any]:
    file = _name(image.id) if image.id in photos else None
    return {**asdict(image), "at": rfc3339(image.at), "file": file}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _entry(entry: AuditEntry, vault: Vault) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "staff": entry.staff,
        "action": entry.action,
        "reason": entry.reason,
        "previous": entry.previous,
        "mac": entry.mac,
        "sealed": bool(entry.previous) and entry.mac == seal(vault, entry, entry.previous or ""),
    }
