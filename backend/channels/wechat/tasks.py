"""The channel's route and jobs, as the worker registers them."""

from procrastinate import App, JobContext

from backend.channels.wechat.account import Account, configured_account
from backend.channels.wechat.channel import CHANNEL, PHOTO_TASK
from backend.channels.wechat.client import WeChatClient
from backend.channels.wechat.photos import PhotoFetcher
from backend.channels.wechat.provider import WeChatProvider
from backend.channels.wechat.text import MAX_TEXT_BYTES, joined
from backend.channels.wechat.tokens import AccessTokens
from backend.conversations.delivery import Route, Routes
from backend.conversations.tasks import DeliveryBackOff
from backend.core.resources import Resources


def build_client(resources: Resources, account: Account) -> WeChatClient:
    """The API client of the account."""
    url = resources.settings.wechat_api_url.rstrip("/")
    return WeChatClient(resources.http, url, AccessTokens(resources, account, url))


def routes(resources: Resources) -> Routes:
    """The channel's route; none while it is off."""
    account = configured_account(resources.settings)
    if account is None:
        return {}
    provider = WeChatProvider(resources, build_client(resources, account))
    return {CHANNEL: Route(provider, joined, MAX_TEXT_BYTES)}


def register(app: App, resources: Resources) -> None:
    """Make the channel's tasks known to the worker."""
    account = configured_account(resources.settings)
    if account is None:
        return
    fetcher = PhotoFetcher(resources, build_client(resources, account))

    @app.task(name=PHOTO_TASK, retry=DeliveryBackOff(), pass_context=True)
    async def photo(context: JobContext, *, evidence_id: int) -> None:
        await fetcher.run(evidence_id, context.job.attempts)
