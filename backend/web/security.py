"""Headers of pages: a strict content policy, and who may put a page into a frame."""

from starlette.responses import Response


def protect(response: Response, *, frame_ancestors: tuple[str, ...] = ()) -> Response:
    """Allow only our own files; allow framing by the named origins only."""
    ancestors = " ".join(("'self'", *frame_ancestors)) if frame_ancestors else "'none'"
    response.headers["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    response.headers["Cache-Control"] = "no-store"
    return response
