"""Holds domain.yml, the rules, the training data and the actions against each other.

`python -m scripts.check_domain` lists what does not fit and exits with 1; Rasa's own validation
does not look into actions.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
_USED = re.compile(r"utter_(?=[a-z0-9_{])(?!message\()[a-z0-9_]*(?:\{[^}]*\}[a-z0-9_]*)*")
_UNTRAINED = {"danger", "notice_wish"}
_FROM_THE_CONNECTOR = {"utter_empty", "utter_service_down"}


def load(path: Path) -> dict[str, Any]:
    """A YAML file as plain Python."""
    data: dict[str, Any] = YAML(typ="safe").load(path)
    return data


def used_responses(folder: Path) -> set[str]:
    """Every name of a response in the actions, gaps as `*`."""
    texts = [p.read_text("utf-8") for p in [*folder.rglob("*.py"), *folder.rglob("*.yml")]]
    names = {name for text in texts for name in _USED.findall(text)}
    return {re.sub(r"\{[^}]*\}", "*", name) for name in names}


def _fits(name: str, pattern: str) -> bool:
    return re.fullmatch(pattern.replace("*", "[a-z0-9_]+"), name) is not None


def problems() -> list[str]:
    """One line for each thing that does not fit."""
    domain = load(ROOT / "domain.yml")
    used = used_responses(ROOT / "actions") | _FROM_THE_CONNECTOR
    responses, intents = set(domain["responses"]), set(domain["intents"])
    found = [
        f"domain.yml lacks {u}" for u in sorted(used) if not any(_fits(r, u) for r in responses)
    ]
    found += [f"nobody says {r}" for r in sorted(responses) if not any(_fits(r, u) for u in used)]
    trained = {
        example["intent"]
        for file in (ROOT / "data" / "nlu").glob("*.yml")
        for example in load(file)["nlu"]
        if "intent" in example
    }
    found += [f"no examples for {i}" for i in sorted(intents - trained - _UNTRAINED - {"report"})]
    found += [f"domain.yml lacks the intent {i}" for i in sorted(trained - intents)]
    ruled = {
        step["intent"]
        for rule in load(ROOT / "data" / "rules" / "rules.yml")["rules"]
        for step in rule["steps"]
        if "intent" in step
    }
    return found + [f"no rule for the intent {i}" for i in sorted(intents - ruled)]


def main() -> int:
    """Command line."""
    found = problems()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
