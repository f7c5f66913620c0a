"""/healthz, /readyz, /metrics."""

import asyncio
from collections.abc import Awaitable

import httpx
from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from backend.core.errors import problem
from backend.core.metrics import exposition
from backend.core.problems import problems
from backend.core.resources import Resources, ResourcesDep

router = APIRouter(tags=["operation"])

RASA_HEALTH = "/webhooks/guanjia/"
ACTIONS_HEALTH = "/health"


@router.get("/healthz", summary="Alive")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="Ready", responses=problems(503))
async def readyz(resources: ResourcesDep) -> Response:
    """Database, Rasa and actions reachable; 503 names those that are not."""
    settings = resources.settings
    probes = {
        "database": _database(resources),
        "rasa": _reachable(resources, settings.rasa_url, RASA_HEALTH),
        "actions": _reachable(resources, settings.actions_url, ACTIONS_HEALTH),
    }
    answers = await asyncio.gather(*probes.values())
    checks = {name: "ok" if fine else "down" for name, fine in zip(probes, answers, strict=True)}
    if all(answers):
        return Response(
            content='{"status":"ok","checks":{"database":"ok","rasa":"ok","actions":"ok"}}',
            media_type="application/json",
        )
    down = ", ".join(name for name, state in checks.items() if state == "down")
    return problem(503, "not_ready", "尚未就绪", detail=f"down: {down}", checks=checks)


@router.get("/metrics", summary="Prometheus", response_class=Response)
async def metrics() -> Response:
    """Metrics in Prometheus text format."""
    body, media_type = exposition()
    return Response(body, media_type=media_type)


async def _database(resources: Resources) -> bool:
    return await _in_time(resources.database.ping(), resources.settings.probe_timeout_s)


async def _reachable(resources: Resources, url: str, path: str) -> bool:
    async def get() -> None:
        answer = await resources.http.get(url.rstrip("/") + path)
        answer.raise_for_status()

    return await _in_time(get(), resources.settings.probe_timeout_s)


async def _in_time(probe: Awaitable[None], limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s):
            await probe
    except (TimeoutError, httpx.HTTPError, SQLAlchemyError, OSError):
        return False
    return True
