"""Photos of a case: whose they are, who sees them, how they are served, added and kept."""

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select

from backend.conversations.case_images import MOST_AT_ONCE, Filing, told_with
from backend.conversations.evidence import EvidenceRepository, cleaned
from backend.conversations.models import Evidence, InboundMessage
from backend.conversations.repository import ConversationRepository
from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.models import AuditEntry
from tests.backend.channels.wechat.test_photos import photo
from tests.support.api import NOW, SERVICE, client, filed
from tests.support.staff import Browser, OpenBrowser

PLACE = {"town": "441900119", "village": "441900119011"}
ELSEWHERE = {"town": "441900003", "village": "441900003001"}
NewCase = Callable[..., dict[str, Any]]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class TestWhoseItIs:
    @pytest.mark.parametrize(
        ("filings", "expected"),
        [
            pytest.param([], set(), id="nothing filed"),
            pytest.param([(1, 20 * MINUTE)], {1}, id="while telling"),
            pytest.param([(1, -HOUR)], {1}, id="to add"),
            pytest.param([(1, -HOUR), (2, 20 * MINUTE)], {2}, id="told with the next"),
            pytest.param([(1, -HOUR), (2, 40 * MINUTE)], {1}, id="added to the one before"),
            pytest.param([(1, 5 * HOUR)], {1}, id="a slow draft"),
            pytest.param([(1, 25 * HOUR)], set(), id="another day's matter"),
            pytest.param([(1, -31 * DAY)], set(), id="long after"),
            pytest.param([(1, -2 * DAY), (2, -DAY)], {2}, id="the latest before"),
            pytest.param([(1, MINUTE), (2, MINUTE * 1.5)], {1, 2}, id="filed together"),
        ],
    )
    def test_by_when_it_was_sent(
        self, filings: list[tuple[int, timedelta]], expected: set[int]
    ) -> None:
        found = told_with(NOW, [Filing(case_id, NOW + after) for case_id, after in filings])
        assert found == expected


@pytest_asyncio.fixture(loop_scope="function")
async def village(open_browser: OpenBrowser) -> Browser:
    """The village's browser."""
    opened: Browser = await open_browser("village", **PLACE)
    return opened


@pytest_asyncio.fixture(loop_scope="function")
async def talk(api_resources: Resources) -> uuid.UUID:
    """A conversation in WeChat."""
    async with api_resources.database.transaction() as session:
        repository = ConversationRepository(session, api_resources.vault)
        row = await repository.open_locked("wechat", "openid-of-a-citizen", NOW)
    return row.id


async def send_photo(resources: Resources, talk: uuid.UUID, at: datetime) -> int:
    """A photo that came by WeChat and is kept; its number."""
    async with resources.database.transaction() as session:
        message = InboundMessage(
            conversation_id=talk,
            channel="wechat",
            external_id=uuid.uuid4().hex,
            client_id="",
            seq=int(at.timestamp()),
            sealed="",
            received_at=at,
        )
        session.add(message)
        await session.flush()
        photos = EvidenceRepository(session, resources.vault)
        row = await photos.expect(talk, message.id, "media-1", at)
        photos.keep(row, cleaned(photo((800, 600))), at)
    return row.id


@pytest_asyncio.fixture(loop_scope="function")
async def case(service: httpx.AsyncClient, new_case: NewCase, talk: uuid.UUID) -> dict[str, Any]:
    """A street light, told in WeChat."""
    return await filed(service, new_case(channel="wechat", conversation_id=str(talk)))


@pytest_asyncio.fixture(loop_scope="function")
async def number(api_resources: Resources, talk: uuid.UUID, case: dict[str, Any]) -> int:
    """The photo that was sent five minutes before."""
    return await send_photo(api_resources, talk, NOW - 5 * MINUTE)


async def opened(database: Database) -> list[tuple[str, str | None, str | None]]:
    """Who opened photos, by the audit log."""
    async with database.transaction() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == "image_opened"))
        return [(row.staff, row.case_no, row.reason) for row in rows]


class TestSeeing:
    async def test_the_page_shows_it_small_with_words(
        self, village: Browser, case: dict[str, Any], number: int, database: Database
    ) -> None:
        page = (await village.get(f"/staff/cases/{case['case_no']}")).text
        path = f"/staff/cases/{case['case_no']}/images/{number}"
        assert f'href="{path}"' in page
        assert 'width="240" height="180"' in page
        assert 'alt="照片 1：提出者发来，打开大图"' in page
        small = await village.get(f"{path}/thumbnail")
        assert Image.open(io.BytesIO(small.content)).size == (240, 180)
        assert await opened(database) == []

    async def test_in_full_it_is_logged_and_stays_with_this_browser(
        self, village: Browser, case: dict[str, Any], number: int, database: Database
    ) -> None:
        answer = await village.get(f"/staff/cases/{case['case_no']}/images/{number}")
        assert Image.open(io.BytesIO(answer.content)).size == (800, 600)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "sandbox" in answer.headers["content-security-policy"]
        assert await opened(database) == [(village.username, case["case_no"], f"照片 {number}")]

    async def test_nobody_else_sees_it(
        self,
        open_browser: OpenBrowser,
        stranger: Browser,
        case: dict[str, Any],
        number: int,
        database: Database,
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/images/{number}"
        readers = [
            (await open_browser("village", **ELSEWHERE), 404),
            (await open_browser("hotline"), 404),
            (await open_browser("supervisor"), 403),
            (await open_browser("auditor"), 403),
            (stranger, 303),
        ]
        for reader, status in readers:
            for address in (path, f"{path}/thumbnail"):
                assert (await reader.get(address)).status_code == status
        auditor = readers[3][0]
        assert "thumbnail" not in (await auditor.get(f"/staff/cases/{case['case_no']}")).text
        assert await opened(database) == []

    async def test_another_matter_of_the_same_conversation_does_not_show_it(
        self,
        open_browser: OpenBrowser,
        service: httpx.AsyncClient,
        new_case: NewCase,
        talk: uuid.UUID,
        case: dict[str, Any],
        number: int,
        clock: FixedClock,
    ) -> None:
        clock.at += 2 * HOUR
        body = new_case(channel="wechat", conversation_id=str(talk), **ELSEWHERE)
        later = await filed(service, body, key="later")
        other = await open_browser("village", **ELSEWHERE)
        path = f"/staff/cases/{later['case_no']}"
        assert "thumbnail" not in (await other.get(path)).text
        assert (await other.get(f"{path}/images/{number}")).status_code == 404


def files(*contents: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Photos as a browser sends them."""
    return [("photos", (f"{n}.jpg", body, "image/jpeg")) for n, body in enumerate(contents)]


async def stored(resources: Resources) -> list[bytes]:
    """The JPEGs of all photos."""
    async with resources.database.transaction() as session:
        photos = EvidenceRepository(session, resources.vault)
        rows = await session.scalars(select(Evidence).order_by(Evidence.id))
        return [photos.read(row) or b"" for row in rows]


class TestAdding:
    async def send(self, browser: Browser, case: dict[str, Any], *contents: bytes) -> Any:
        return await browser.http.post(
            f"/staff/cases/{case['case_no']}/images",
            data={"csrf": browser.csrf, "caption": "换好的灯，电话13800001234"},
            files=files(*contents),
        )

    async def test_it_is_stripped_sealed_and_on_the_timeline(
        self, village: Browser, case: dict[str, Any], api_resources: Resources
    ) -> None:
        answer = await self.send(village, case, photo(), photo(kind="PNG"))
        assert answer.status_code == 303, answer.text
        for jpeg in await stored(api_resources):
            assert b"secret-comment" not in jpeg
            assert b"Exif" not in jpeg
        page = (await village.get(answer.headers["location"])).text
        assert "照片已保存" in page
        assert "添加照片</strong> 2 张" in page
        assert "换好的灯，电话*******1234" in page
        assert "13800001234" not in page

    async def test_no_other_case_shows_it(
        self,
        village: Browser,
        open_browser: OpenBrowser,
        service: httpx.AsyncClient,
        new_case: NewCase,
        case: dict[str, Any],
    ) -> None:
        await self.send(village, case, photo())
        readers = (
            (village, PLACE, None),
            (await open_browser("village", **ELSEWHERE), ELSEWHERE, "x"),
        )
        for n, (reader, place, talk) in enumerate(readers):
            body = new_case(conversation_id=talk, **place)
            other = await filed(service, body, key=f"other-{n}")
            page = (await reader.get(f"/staff/cases/{other['case_no']}")).text
            assert "/thumbnail" not in page

    @pytest.mark.parametrize(
        ("contents", "words"),
        [
            ([], "请先选照片"),
            ([b"%PDF-1.7"], "第 1 张照片打不开"),
            ([photo(), b"<svg/>"], "第 2 张照片打不开"),
            ([b"\xff" * (10 * 1024 * 1024 + 1)], "第 1 张照片太大了"),
            ([photo()] * (MOST_AT_ONCE + 1), "一次最多 9 张"),
        ],
        ids=["none", "a document", "one of two", "too big", "too many"],
    )
    async def test_what_is_no_photo_is_refused_with_the_words_kept(
        self,
        village: Browser,
        case: dict[str, Any],
        api_resources: Resources,
        contents: list[bytes],
        words: str,
    ) -> None:
        answer = await self.send(village, case, *contents)
        assert answer.status_code == 400
        assert words in answer.text
        assert "换好的灯" in answer.text
        assert await stored(api_resources) == []

    async def test_it_needs_the_form_and_the_scope(
        self, village: Browser, open_browser: OpenBrowser, case: dict[str, Any]
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/images"
        assert (await village.http.post(path, files=files(photo()))).status_code == 403
        for role, place in (("village", ELSEWHERE), ("supervisor", {})):
            other = await open_browser(role, **place)
            assert (await self.send(other, case, photo())).status_code in (403, 404)

    async def test_photos_come_with_a_quick_entry_once(
        self, village: Browser, api_resources: Resources
    ) -> None:
        typed = {"csrf": village.csrf, "key": "k1", "type": "street_light", "source": "visit",
                 "description": "村口路灯坏了", "proposer_kind": "resident"}  # fmt: skip
        for _ in range(2):
            answer = await village.http.post("/staff/new", data=typed, files=files(photo()))
            assert answer.status_code == 303, answer.text
        assert len(await stored(api_resources)) == 1
        path = answer.headers["location"].split("?")[0]
        assert "/thumbnail" in (await village.get(path)).text

    async def test_a_quick_entry_with_a_wrong_file_files_nothing(
        self, village: Browser, service: httpx.AsyncClient
    ) -> None:
        typed = {"csrf": village.csrf, "type": "street_light", "source": "visit",
                 "description": "村口路灯坏了"}  # fmt: skip
        answer = await village.http.post("/staff/new", data=typed, files=files(b"no photo"))
        assert answer.status_code == 400
        assert "第 1 张照片打不开" in answer.text
        assert (await service.get("/cases")).json()["items"] == []


class TestSize:
    async def test_only_forms_with_photos_take_large_bodies(
        self, app: FastAPI, village: Browser, case: dict[str, Any]
    ) -> None:
        large = b"x" * 2_000_000
        path = f"/staff/cases/{case['case_no']}"
        fields = {"csrf": village.csrf}
        answer = await village.http.post(f"{path}/images", data=fields, files=files(large))
        assert answer.status_code == 400
        for other in (f"{path}/acts/note", "/staff/sign-in"):
            assert (await village.http.post(other, content=large)).status_code == 413
        async with client(app, SERVICE) as http:
            too_large = b"x" * 32_000_001
            answer = await http.post(f"http://test{path}/images", content=too_large)
        assert answer.status_code == 413


class TestFiles:
    async def test_the_bundle_holds_them_as_they_were_kept(
        self, village: Browser, case: dict[str, Any], number: int, api_resources: Resources
    ) -> None:
        answer = await village.post(f"/staff/cases/{case['case_no']}/bundle")
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        jpeg = packed.read(f"images/{number}.jpg")
        assert [jpeg] == await stored(api_resources)
        (image,) = json.loads(packed.read("case.json"))["images"]
        assert image["sha256"] == hashlib.sha256(jpeg).hexdigest()
        assert f"{image['sha256']}  images/{number}.jpg" in packed.read("SHA256SUMS").decode()

    async def test_the_print_holds_them_too(
        self, village: Browser, case: dict[str, Any], number: int
    ) -> None:
        pdf = (await village.post(f"/staff/cases/{case['case_no']}/print")).content
        assert pdf.startswith(b"%PDF")
        assert b"/Subtype /Image" in pdf
