"""The database and keys of a running temporary stack, to look at what it has stored."""

from __future__ import annotations

from backend.core.postgres import database_url
from backend.core.resources import Resources, build_resources
from backend.settings import Settings, load_settings
from scripts.temporary_stack import TemporaryStack


def stack_resources(stack: TemporaryStack) -> Resources:
    """Resources as the stack's own processes have them; close them after use."""
    fields = Settings.model_fields
    values = {
        name.removeprefix("GUANJIA_").lower(): value
        for name, value in stack.settings.items()
        if name.startswith("GUANJIA_") and value
    }
    simple = {n: v for n, v in values.items() if n in fields and not v.startswith("{")}
    settings = load_settings(**simple | {"data_dir": stack.data, "database_url": None})
    return build_resources(settings, database_url(settings))
