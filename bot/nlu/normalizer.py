"""First of the pipeline: messages carry normalised text from here on."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.dialect import DIALECT_FILE, gloss
from bot.nlu.lexicon import fingerprint
from bot.nlu.normalization import normalize

NORMALIZED = "normalized"
GLOSS = "gloss"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class ZhNormalizer(GraphComponent):  # type: ignore[misc]  # rasa ships no types
    """First of the pipeline: TEXT becomes the normalised text.

    Sets `normalized` (a `Normalized`, for components) and `gloss` (the text with dialect words
    in Mandarin, for classifiers). `Triage` puts the text as sent back at the end.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ZhNormalizer:
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return fingerprint(DIALECT_FILE)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            _normalize_message(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            if message.get(TEXT):
                _normalize_message(message)
        return training_data


def _normalize_message(message: Message) -> None:
    normalized = normalize(message.get(TEXT) or "")
    message.set(TEXT, normalized.text, add_to_output=True)
    message.set(NORMALIZED, normalized)
    message.set(GLOSS, gloss(normalized.text))
