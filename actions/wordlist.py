"""Kinds of words by which a message is understood, as data beside the module that goes by them."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


class Wordlist:
    """A YAML file: kinds of words as regular expressions, and tables. Read at the first use."""

    def __init__(self, module_file: str) -> None:
        self._path = Path(module_file).with_suffix(".yml")

    @cached_property
    def table(self) -> dict[str, Any]:
        """The file's whole content."""
        data: dict[str, Any] = YAML(typ="safe").load(self._path)
        return data

    def says(self, kind: str, text: str) -> bool:
        """Whether the text holds words of this kind."""
        return re.search(str(self.table[kind]), text) is not None
