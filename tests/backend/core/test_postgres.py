"""Addresses of the database."""

from pathlib import Path

import pytest

from backend.core.postgres import database_url, libpq_url, socket_url
from backend.settings import load_settings
from tests.support.settings import environment


@pytest.mark.parametrize(
    "given",
    ["postgresql://u:p@db/x", "postgres://u:p@db/x", "postgresql+psycopg://u:p@db/x"],
)
def test_database_url_wins_over_the_embedded_server(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    settings = load_settings(_env_file=None)
    assert database_url(settings) == "postgresql+psycopg://u:p@db/x"
    assert database_url(settings, driver="psycopg2") == "postgresql+psycopg2://u:p@db/x"
    assert libpq_url(settings) == "postgresql://u:p@db/x"


def test_socket_url_keeps_the_folder_readable(tmp_path: Path) -> None:
    assert (
        socket_url("/var/lib/a b") == "postgresql+psycopg://postgres@/guanjia?host=/var/lib/a%20b"
    )
