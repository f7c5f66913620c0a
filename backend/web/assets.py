"""Static files under an address that changes with their content.

``/static/<hash of the whole folder>/chat/page.js`` may be cached for ever, and modules that import
each other by relative paths stay on one version. Files under plain ``/static/…`` are checked by
ETag every time.
"""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).with_name("static")
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EVERY_TIME = "no-cache"


def fingerprint(folder: Path) -> str:
    """A short hash of all files below the folder, names included."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


class Assets(StaticFiles):
    """Serves the folder under both kinds of address."""

    def __init__(self, folder: Path = STATIC) -> None:
        super().__init__(directory=folder)
        self.version = fingerprint(folder)

    def url(self, path: str) -> str:
        """The cacheable address of a file."""
        return f"/static/{self.version}/{path}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        prefix, _, rest = path.partition("/")
        is_pinned = prefix == self.version
        response = await super().get_response(rest if is_pinned else path, scope)
        response.headers["Cache-Control"] = _FOR_EVER if is_pinned else _ASK_EVERY_TIME
        return response
