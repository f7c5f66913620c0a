"""Settings for tests: fixed keys that protect nothing."""

import base64

from tests.support.assistant import TOKEN


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """Environment variables of a process under test."""
    return {
        "DATABASE_URL": database_url,
        "GUANJIA_SERVICE_TOKEN": "service-token-for-tests",
        "GUANJIA_RASA_TOKEN": TOKEN,
        "GUANJIA_SESSION_KEY": "session-key-for-tests",
        "GUANJIA_CONTACT_KEY": base64.b64encode(b"c" * 32).decode(),
        "GUANJIA_HASH_KEY": base64.b64encode(b"h" * 32).decode(),
        **changes,
    }
