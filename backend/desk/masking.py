"""What of a transcript may be stored at all: identity and bank numbers never. Pure."""

import re
from collections.abc import Iterable

from backend.core.privacy import mask_text
from backend.understanding.schemas import Sensitive

_DIGIT_WORDS = re.compile(r"[0-9０-９XxＸｘ零〇幺一二两三四五六七八九洞拐]")
_NEVER_STORED = frozenset({"id_card", "bank_card"})


def mask_identity(text: str) -> str:
    """Hide what looks like an identity-card or bank-card number; every offset stays."""
    return mask_text(text, identity_only=True)


def mask_found(text: str, sensitive: Iterable[Sensitive]) -> str:
    """Hide the numbers the assistant found, spoken digits included; every offset stays."""
    masked = text
    for item in sensitive:
        if item.kind in _NEVER_STORED:
            hidden = _DIGIT_WORDS.sub("*", masked[item.start : item.end])
            masked = masked[: item.start] + hidden + masked[item.end :]
    return masked


def without_people(text: str, names: Iterable[str], phones: Iterable[tuple[int, int]]) -> str:
    """The text for training: phones (also spoken, by their spans) and names hidden."""
    plain = text
    for start, end in phones:
        plain = plain[:start] + _DIGIT_WORDS.sub("*", plain[start:end]) + plain[end:]
    plain = mask_text(plain)
    for name in sorted({name for name in names if name}, key=len, reverse=True):
        plain = plain.replace(name, "某" * len(name))
    return plain
