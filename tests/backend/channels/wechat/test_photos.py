"""Photos: fetched, checked, stripped, sealed."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from backend.channels.wechat.account import configured_account
from backend.channels.wechat.photos import PhotoFetcher
from backend.channels.wechat.tasks import build_client
from backend.conversations import evidence
from backend.conversations.evidence import EvidenceRepository, UnusablePhotoError, cleaned
from backend.conversations.models import Evidence
from backend.conversations.sending import TryLater
from backend.core.resources import Resources
from scripts.wechat.stand_in import StandIn
from tests.backend.channels.wechat.conftest import Account, Stored

GPS_TAG, ORIENTATION_TAG = 0x8825, 0x0112


def photo(size: tuple[int, int] = (40, 20), kind: str = "JPEG", orientation: int = 1) -> bytes:
    """A picture with a place, a comment and an orientation in it."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    exif[0x010E] = "secret-comment"
    exif.get_ifd(GPS_TAG)[1] = "N"
    target = io.BytesIO()
    extra = {"exif": exif.tobytes()} if kind in ("JPEG", "PNG", "WEBP") else {}
    Image.new("RGB", size, "red").save(target, kind, **extra)
    return target.getvalue()


class TestCleaning:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
    def test_nothing_but_pixels_stays(self, kind: str) -> None:
        clean = cleaned(photo(kind=kind))
        picture = Image.open(io.BytesIO(clean.jpeg))
        assert (picture.format, picture.size) == ("JPEG", (40, 20))
        assert not picture.getexif()
        assert b"secret-comment" not in clean.jpeg
        assert b"Exif" not in clean.jpeg

    def test_it_stands_upright(self) -> None:
        clean = cleaned(photo(orientation=6))
        assert (clean.width, clean.height) == (20, 40)

    def test_it_is_made_smaller(self) -> None:
        clean = cleaned(photo((4000, 3000)))
        assert (clean.width, clean.height) == (1920, 1440)

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            pytest.param(lambda: b"", "not_a_photo", id="empty"),
            pytest.param(lambda: b"<svg xmlns='x'/>", "not_a_photo", id="svg"),
            pytest.param(lambda: b"%PDF-1.7", "not_a_photo", id="pdf"),
            pytest.param(lambda: photo()[:200], "not_a_photo", id="truncated"),
            pytest.param(lambda: photo(kind="TIFF"), "not_a_photo", id="tiff"),
            pytest.param(lambda: b"\xff" * (evidence.MAX_PHOTO_BYTES + 1), "too_big", id="big"),
            pytest.param(lambda: photo((10_000, 5_001), "PNG"), "too_many_pixels", id="pixels"),
        ],
    )
    def test_anything_else_is_refused(self, make: Callable[[], bytes], reason: str) -> None:
        with pytest.raises(UnusablePhotoError) as refused:
            cleaned(make())
        assert refused.value.reason == reason


@pytest.fixture
def fetcher(wechat_resources: Resources) -> PhotoFetcher:
    account = configured_account(wechat_resources.settings)
    assert account is not None
    return PhotoFetcher(wechat_resources, build_client(wechat_resources, account))


async def expected(account: Account, resources: Resources) -> Evidence:
    """The row of a photo that was just sent."""
    await account.post(account.xml("image", MediaId="media-1"))
    return await row(resources)


async def row(resources: Resources) -> Evidence:
    """The only photo."""
    async with resources.database.transaction() as session:
        query = select(Evidence).execution_options(populate_existing=True)
        return (await session.scalars(query)).one()


class TestFetching:
    async def test_it_is_kept_sealed(
        self,
        account: Account,
        fetcher: PhotoFetcher,
        wechat_resources: Resources,
        stand_in: StandIn,
    ) -> None:
        stand_in.media["media-1"] = ("image/jpeg", photo())
        wanted = await expected(account, wechat_resources)
        assert "media-1" not in str(wanted.source)
        await fetcher.run(wanted.id, 0)
        kept = await row(wechat_resources)
        assert (kept.state, kept.media_type, kept.width) == ("kept", "image/jpeg", 40)
        async with wechat_resources.database.transaction() as session:
            photos = EvidenceRepository(session, wechat_resources.vault)
            jpeg = photos.read(kept)
        assert jpeg is not None
        assert Image.open(io.BytesIO(jpeg)).size == (40, 20)
        await fetcher.run(wanted.id, 0)

    async def test_a_busy_platform_is_asked_again(
        self,
        account: Account,
        fetcher: PhotoFetcher,
        wechat_resources: Resources,
        stand_in: StandIn,
    ) -> None:
        stand_in.media["media-1"] = ("image/jpeg", photo())
        wanted = await expected(account, wechat_resources)
        stand_in.fail(-1, way="media")
        with pytest.raises(TryLater):
            await fetcher.run(wanted.id, 0)
        await fetcher.run(wanted.id, 1)
        assert (await row(wechat_resources)).state == "kept"

    @pytest.mark.parametrize(
        ("media", "reason"),
        [
            (None, "errcode_40007"),
            (("image/jpeg", b"GIF89a nonsense"), "not_a_photo"),
            (("image/jpeg", b"x" * (evidence.MAX_PHOTO_BYTES + 1)), "too_big"),
        ],
    )
    async def test_the_citizen_is_told_why_not(
        self,
        account: Account,
        fetcher: PhotoFetcher,
        wechat_resources: Resources,
        stand_in: StandIn,
        stored: Stored,
        media: tuple[str, bytes] | None,
        reason: str,
    ) -> None:
        if media:
            stand_in.media["media-1"] = media
        wanted = await expected(account, wechat_resources)
        await fetcher.run(wanted.id, 0)
        refused = await row(wechat_resources)
        assert (refused.state, refused.refusal, refused.source) == ("refused", reason, None)
        told = (await stored.outbound())[-1]
        text = wechat_resources.vault.open(told.sealed, "message")["text"] or ""
        assert "没能保存" in text
