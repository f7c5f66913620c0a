"""The assistant's private parse: text in, triage result out. Nothing of the text is logged."""

import httpx
import structlog
from pydantic import ValidationError

from backend.core.resources import Resources
from backend.understanding.errors import AssistantDownError, TextTooLongError
from backend.understanding.schemas import Reading, TriageIn, TriageResult

MAX_TEXT_CHARS = 20_000
PARSE_PATH = "/webhooks/guanjia/parse"
log = structlog.get_logger(__name__)


async def triage(resources: Resources, wanted: TriageIn) -> TriageResult:
    """What the text asks for; errors as in ``read``."""
    return (await read(resources, wanted)).triage


async def read(resources: Resources, wanted: TriageIn) -> Reading:
    """What the text asks for, with every fact found in it.

    Raises:
        TextTooLongError: more than 20,000 characters.
        AssistantDownError: no answer in time, an error, or an answer that breaks the contract.
    """
    if len(wanted.text) > MAX_TEXT_CHARS:
        raise TextTooLongError
    settings = resources.settings
    try:
        answer = await resources.http.post(
            settings.rasa_url.rstrip("/") + PARSE_PATH,
            json={"text": wanted.text, "kind": wanted.kind},
            headers={"Authorization": f"Bearer {settings.rasa_token.get_secret_value()}"},
            timeout=settings.assistant_timeout_s,
        )
        answer.raise_for_status()
        return Reading.model_validate(answer.json())
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        kind = "contract" if isinstance(error, ValidationError) else type(error).__name__
        log.warning("assistant_down", cause=kind)
        raise AssistantDownError from error
