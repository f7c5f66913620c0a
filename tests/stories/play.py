"""Plays a dialogue file against a running stack: `python -m tests.stories.play FILE [--show]`.

Needs GUANJIA_SERVICE_TOKEN and the city account's password in the environment or .env.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from scripts.env_file import ensure
from tests.stories.citizen import Citizen

_MAX_TURNS = 14


@dataclass(frozen=True)
class Stack:
    """A running product: the assistant's REST channel and the backend's API."""

    rasa_url: str
    backend_url: str
    service_token: str
    city_password: str

    def say(self, sender: str, text: str, channel: str) -> str:
        """One turn over the REST channel; the answer's texts joined."""
        answer = httpx.post(
            f"{self.rasa_url}/webhooks/rest/webhook",
            json={"sender": sender, "message": text, "input_channel": channel},
            timeout=30,
        )
        return "\n".join(m.get("text", "") for m in answer.json())

    def api(self, method: str, path: str, **more: Any) -> Any:
        """A call with the service token; raises for an error status."""
        headers = {"Authorization": f"Bearer {self.service_token}", **more.pop("headers", {})}
        answer = httpx.request(
            method, f"{self.backend_url}/api/v1{path}", headers=headers, timeout=20, **more
        )
        answer.raise_for_status()
        return answer.json()

    def phone_of(self, case_no: str) -> str | None:
        """The unmasked contact, revealed by the city account with a reason."""
        token = httpx.post(
            f"{self.backend_url}/api/v1/auth/token",
            json={"username": "city", "password": self.city_password},
            timeout=20,
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/cases/{case_no}/reveal"
        contact = self.api("POST", path, headers=headers, json={"reason": "验收"})
        phone = contact.get("contact_phone")
        return str(phone) if phone else None


@dataclass
class Outcome:
    """What came of one dialogue; `problems` empty means its expectation holds."""

    dialogue_id: str
    questions: int
    log: list[tuple[str, str]]
    problems: list[str] = field(default_factory=list)


def play(stack: Stack, row: dict[str, Any]) -> Outcome:
    """Runs one dialogue to its end and compares it with its expectation."""
    sender, channel = f"sim-{uuid.uuid4().hex}", row.get("channel", "webchat")
    opening = row["opening"].replace("{case_no}", _existing_case(stack, row))
    citizen = Citizen(row)
    log: list[tuple[str, str]] = []
    message: str | None = opening
    while message is not None and len(log) < _MAX_TURNS:
        answer = stack.say(sender, message, channel)
        log.append((message, answer))
        message = citizen.answer(answer)
    outcome = Outcome(row["id"], citizen.questions, log)
    outcome.problems = [*_wrong_words(row, citizen, log), *_wrong_cases(stack, row, sender)]
    limit = row["expect"].get("max_bot_questions")
    if limit is not None and citizen.questions > limit:
        outcome.problems.append(f"asked {citizen.questions} questions, at most {limit}")
    return outcome


def _existing_case(stack: Stack, row: dict[str, Any]) -> str:
    setup = (row.get("setup") or {}).get("existing_case")
    if not setup:
        return ""
    body = {
        "category": setup.get("category", "weishishi"),
        "type": setup["type"],
        "town": setup.get("town"),
        "village": setup.get("village"),
        "description": setup["text"],
        "summary": setup["text"],
        "contact_name": setup.get("contact_name"),
        "contact_phone": setup.get("contact_phone"),
        "channel": "webchat",
        "conversation_id": f"setup-{uuid.uuid4().hex}",
        "progress": setup.get("progress"),
    }
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    return str(stack.api("POST", "/cases", json=body, headers=headers)["case_no"])


def _wrong_words(row: dict[str, Any], citizen: Citizen, log: list[tuple[str, str]]) -> list[str]:
    expect = row["expect"]
    start = 0
    if expect.get("must_scope") == "after_event":
        start = citizen.first_event_turn if citizen.first_event_turn is not None else len(log)
    said = "\n".join(answer for _, answer in log[start:])
    everything = "\n".join(answer for _, answer in log)
    missing = [p for p in expect.get("bot_must_say", []) if not re.search(p, said)]
    forbidden = [p for p in expect.get("bot_must_not_say", []) if re.search(p, everything)]
    return [f"did not say {p}" for p in missing] + [f"said {p}" for p in forbidden]


def _wrong_cases(stack: Stack, row: dict[str, Any], sender: str) -> list[str]:
    found = stack.api("GET", "/cases", params={"conversation_id": sender})["items"]
    cases = [case for case in found if case["category"] != "out_of_scope"]
    wanted = row["expect"].get("cases", [])
    if len(cases) != len(wanted):
        return [f"{len(cases)} cases instead of {len(wanted)}"]
    problems = []
    for want in wanted:
        types = {want["type"], *want.get("also", [])}
        case = next((c for c in cases if c["type"] in types), None)
        problems += (
            [f"no case of type {want['type']}"] if case is None else _differences(stack, want, case)
        )
    return problems


def _differences(stack: Stack, want: dict[str, Any], case: dict[str, Any]) -> list[str]:
    problems = []
    for name in ("category", "town", "village"):
        if want.get(name) and case.get(name) != want[name]:
            problems.append(f"{name} is {case.get(name)}, should be {want[name]}")
    if want.get("contact_phone") and stack.phone_of(case["case_no"]) != want["contact_phone"]:
        problems.append("contact_phone differs")
    return problems


def load(path: Path) -> list[dict[str, Any]]:
    """The dialogues of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def stack_from_environment(rasa_url: str, backend_url: str) -> Stack:
    """The stack of this checkout's .env."""
    settings, _ = ensure()
    return Stack(
        rasa_url,
        backend_url,
        settings["GUANJIA_SERVICE_TOKEN"],
        settings["GUANJIA_STAFF_PASSWORD_CITY"],
    )


def main() -> int:
    """Command line; exit status 1 when a dialogue misses its expectation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print every turn")
    parser.add_argument("--rasa", default="http://127.0.0.1:5005")
    parser.add_argument("--backend", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    stack = stack_from_environment(options.rasa, options.backend)
    outcomes = [play(stack, row) for row in load(options.file)]
    for outcome in outcomes:
        verdict = "; ".join(outcome.problems) or "as expected"
        print(f"{outcome.dialogue_id}: {outcome.questions} questions, {verdict}")
        if options.show or outcome.problems:
            for said, answer in outcome.log:
                print(f"    市民 {said}\n    莞家 {answer}")
    questions = statistics.median(o.questions for o in outcomes)
    passed = sum(not o.problems for o in outcomes)
    print(f"{passed} of {len(outcomes)} as expected; median questions {questions}")
    return 0 if passed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
