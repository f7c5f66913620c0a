"""Static files and headers of pages."""

import re

import httpx
import pytest

from backend.web.assets import STATIC


@pytest.fixture
def http(chat_address: str) -> httpx.Client:
    """A client of the running backend."""
    return httpx.Client(base_url=chat_address, trust_env=False)


class TestAssets:
    def test_pages_name_files_by_content_and_those_never_expire(self, http: httpx.Client) -> None:
        with http:
            links = re.findall(r'(?:src|href)="(/static/[^"]+)"', http.get("/chat").text)
            assert len(links) >= 4
            for link in links:
                response = http.get(link)
                assert response.status_code == 200
                assert "immutable" in response.headers["cache-control"]

    def test_the_embed_is_checked_each_time(self, http: httpx.Client) -> None:
        with http:
            first = http.get("/static/chat-widget.js")
            assert first.headers["cache-control"] == "no-cache"
            again = http.get(
                "/static/chat-widget.js", headers={"If-None-Match": first.headers["etag"]}
            )
        assert again.status_code == 304

    @pytest.mark.parametrize("path", ["../settings.py", "%2e%2e/settings.py", "x" * 300])
    def test_nothing_else_is_served(self, http: httpx.Client, path: str) -> None:
        with http:
            assert http.get(f"/static/{path}").status_code == 404

    def test_the_widget_stays_small(self) -> None:
        files = [STATIC / "base.css", STATIC / "chat.css", STATIC / "appearance.js"]
        files += (STATIC / "chat").glob("*.js")
        assert sum(file.stat().st_size for file in files) < 30_000


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/chat"])
    def test_only_our_own_files_may_run(self, http: httpx.Client, path: str) -> None:
        with http:
            policy = http.get(path).headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy

    def test_listed_sites_may_frame_the_embedded_chat(self, http: httpx.Client) -> None:
        with http:
            policy = http.get("/chat?embed=1").headers["content-security-policy"]
        assert re.search(r"frame-ancestors 'self' http://localhost:\d+", policy)
