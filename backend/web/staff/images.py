"""``/staff/cases/{case_no}/images``: a case's photos, small and in full, and adding to them."""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from backend.conversations.case_images import CaseImages, usable
from backend.conversations.errors import ImagesRefusedError
from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.web.staff.case_acts import Attempt
from backend.web.staff.case_page import show_case
from backend.web.staff.session import PostedVisitDep, VisitDep

router = APIRouter(prefix="/staff/cases/{case_no}/images", include_in_schema=False)
PHOTO_FORMS = re.compile(r"/staff/new|/staff/cases/[^/]+/images")
"""Addresses whose forms bring photos."""
ImageId = Annotated[int, Path(ge=1, lt=2**63)]
_MOST_CAPTION_CHARS = 200
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""The style is the browser's own for a picture that stands alone."""


@router.get("/{image_id}")
async def image(
    visit: VisitDep, session: SessionDep, resources: ResourcesDep, case_no: str, image_id: ImageId
) -> Response:
    """A photo in full; the audit log says who opened it."""
    visit.require("see_images")
    jpeg = await CaseImages(session, resources, visit.staff).open(case_no, image_id)
    return Response(jpeg, media_type="image/jpeg", headers=_HEADERS)


@router.get("/{image_id}/thumbnail")
async def thumbnail(
    visit: VisitDep, session: SessionDep, resources: ResourcesDep, case_no: str, image_id: ImageId
) -> Response:
    """A photo as the case page shows it."""
    visit.require("see_images")
    jpeg = await CaseImages(session, resources, visit.staff).thumbnail(case_no, image_id)
    return Response(jpeg, media_type="image/jpeg", headers=_HEADERS)


@router.post("")
async def add(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
) -> Response:
    """Add photos to the case, all or none."""
    visit.require("work_on_case")
    form = await request.form()
    caption = str(form.get("caption") or "").strip()[:_MOST_CAPTION_CHARS] or None
    try:
        photos = await usable(await contents(form))
        await CaseImages(session, resources, visit.staff).add(case_no, photos, caption)
    except ImagesRefusedError as error:
        attempt = Attempt("images", error.detail or error.title, {"caption": caption or ""})
        return await show_case(request, visit, session, resources, case_no, attempt=attempt)
    return RedirectResponse(f"/staff/cases/{case_no}?ok=images", status_code=303)


async def contents(form: FormData) -> list[bytes]:
    """The files of a form's ``photos``; a field without a choice brings an empty one."""
    files = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename]
    return [await file.read() for file in files]
