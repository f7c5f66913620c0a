"""``/webhooks/sms/inbound`` and ``/webhooks/sms/status``: verify, parse, store once, acknowledge.

Twilio (and the laptop's stand-in) posts signed forms, the mainland gateway signed JSON with
``X-Timestamp``, ``X-Nonce`` and ``X-Signature``. Which of the two is spoken follows from the
settings' provider. The assistant is never waited for.
"""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.sms.channel import TextInbox
from backend.channels.sms.errors import (
    RequestStaleError,
    SignatureInvalidError,
    WebhookMalformedError,
)
from backend.channels.sms.payloads import (
    InboundText,
    StatusReport,
    gateway_inbound,
    gateway_receipts,
    parse_form,
    twilio_inbound,
    twilio_status,
)
from backend.channels.sms.reports import apply_report
from backend.channels.sms.repository import SmsRepository
from backend.channels.sms.routing import STATUS_PATH, webhook_tokens
from backend.channels.sms.signature import is_fresh, is_from_gateway, is_from_twilio
from backend.core.errors import TooLargeError
from backend.core.problems import problems
from backend.core.resources import Resources, ResourcesDep

INBOUND_PATH = "/webhooks/sms/inbound"
MAX_BODY_BYTES = 100_000
_NONCE_MAX = 128

router = APIRouter(tags=["webhooks"], responses=problems(400, 403, 413))


@router.post(INBOUND_PATH, summary="A text message of a citizen")
async def receive_text(request: Request, resources: ResourcesDep) -> Response:
    """Store the message once; an empty answer tells the provider to send nothing itself."""
    body = await _body(request)
    if resources.settings.sms_provider == "gateway":
        text = gateway_inbound(_from_gateway(request, resources, body))
        await _once(request, resources, lambda session: _take(session, resources, text))
        return Response('{"code":"OK"}', media_type="application/json")
    text = twilio_inbound(_from_twilio(request, resources, body))
    async with resources.database.transaction() as session:
        await _take(session, resources, text)
    return Response("<Response/>", media_type="text/xml")


@router.post(STATUS_PATH, summary="What became of a text message")
async def receive_status(request: Request, resources: ResourcesDep) -> Response:
    """Apply the reports by rank; late, repeated and unknown ones are acknowledged."""
    body = await _body(request)
    if resources.settings.sms_provider == "gateway":
        reports = gateway_receipts(_from_gateway(request, resources, body))
        await _once(request, resources, lambda session: _apply(session, resources, reports))
        return Response('{"code":"OK"}', media_type="application/json")
    form = _from_twilio(request, resources, body)
    report = twilio_status(form, request.query_params.get("ref"))
    async with resources.database.transaction() as session:
        await _apply(session, resources, [report])
    return Response(status_code=204)


async def _take(session: AsyncSession, resources: Resources, text: InboundText | None) -> None:
    if text is not None:
        await TextInbox(session, resources).take(text)


async def _apply(session: AsyncSession, resources: Resources, reports: list[StatusReport]) -> None:
    for report in reports:
        await apply_report(session, resources, report)


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError
    return body


def _from_twilio(request: Request, resources: Resources, body: bytes) -> list[tuple[str, str]]:
    """The form, if it is signed; the signed address is the configured one, never a header's."""
    form = parse_form(body)
    settings = resources.settings
    query = request.scope["query_string"].decode("latin-1")
    url = settings.public_base_url.rstrip("/") + request.url.path + (f"?{query}" if query else "")
    claimed = request.headers.get("x-twilio-signature")
    if not is_from_twilio(webhook_tokens(settings), url, form, claimed):
        raise SignatureInvalidError
    return form


def _from_gateway(request: Request, resources: Resources, body: bytes) -> bytes:
    """The body, if it is signed and fresh."""
    secret = resources.settings.sms_gateway_secret
    timestamp, nonce = request.headers.get("x-timestamp", ""), _nonce(request)
    claimed = request.headers.get("x-signature")
    key = secret.get_secret_value() if secret else None
    if key is None or not is_from_gateway(key, timestamp, nonce, body, claimed):
        raise SignatureInvalidError
    if not is_fresh(timestamp, resources.clock.now()):
        raise RequestStaleError
    return body


def _nonce(request: Request) -> str:
    nonce = request.headers.get("x-nonce", "")
    if not nonce or len(nonce) > _NONCE_MAX:
        raise WebhookMalformedError
    return nonce


async def _once(
    request: Request, resources: Resources, work: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    """Do the work in the transaction that uses up the nonce.

    Raises:
        RequestStaleError: the nonce was used before.
    """
    digest = resources.vault.keyed_hash("sms nonce", _nonce(request))
    async with resources.database.transaction() as session:
        if not await SmsRepository(session).use_nonce(digest, resources.clock.now()):
            raise RequestStaleError
        await work(session)
