"""Rasa component: runs every extractor once, before the classifiers that build on their findings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import dialect, facts, gazetteer, persons, words
from bot.nlu.assembly import likely_kind
from bot.nlu.lexicon import fingerprint
from bot.nlu.normalization import normalize
from bot.nlu.normalizer import NORMALIZED

FOUND = "found"
_SPANS = ("phones", "places", "names", "case_nos", "alerts")


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class Extractors(GraphComponent):  # type: ignore[misc]  # rasa ships no types
    """Sets `found` (a `Facts`) and, for the intent, its spans, polarity, choice and last4.

    All offsets are those of the normalised text; `metadata.kind` says how to read it.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Extractors:
        words.tokenizer()
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return fingerprint(
            *gazetteer.FILES, words.WORDS_FILE, persons.SURNAMES_FILE, dialect.DIALECT_FILE
        )

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            _extract(message)
        return messages


def _extract(message: Message) -> None:
    normalized = message.get(NORMALIZED) or normalize(message.get(TEXT) or "")
    told = (message.get("metadata") or {}).get("kind")
    found = facts.gather(normalized.text, likely_kind(normalized.text, told))
    message.set(FOUND, found)
    for name in _SPANS:
        message.set(name, [asdict(item) for item in getattr(found, name)])
    message.set("polarity", found.reply.polarity)
    message.set("choice", found.reply.choice)
    message.set("last4", found.reply.last4)
    message.set("notice_wish", found.reply.notice_wish)
