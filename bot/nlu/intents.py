"""Rasa component: the dialogue intent of a message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classify.corpus import code_fingerprint, corpus_fingerprint, read_examples
from bot.nlu.classify.intent_model import IntentModel
from bot.nlu.dialect import DIALECT_FILE
from bot.nlu.encoder import CachedEncoder, default_encoder
from bot.nlu.intent_rules import certain_intent
from bot.nlu.lexicon import fingerprint

RANKING = "intent_ranking"
LONGEST_REPORT = 80
REPORT_EVERY = 4
RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DialogueIntentClassifier(IntentClassifier, GraphComponent):  # type: ignore[misc]
    """Kernel regression over n-grams and the sentence vector; what the extractors know decides first.

    Sets `intent` and `intent_ranking` as the stock classifiers do. Short requests of
    data/requests/ serve as examples of `report`.
    """

    def __init__(
        self, storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DialogueIntentClassifier:
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Requests, dialect words and the models' code are outside of Rasa's training data."""
        return f"{corpus_fingerprint()} {code_fingerprint()} {fingerprint(DIALECT_FILE)}"

    def train(self, training_data: TrainingData) -> Resource:
        pairs = [
            (message.get(TEXT), message.get(INTENT))
            for message in training_data.intent_examples
            if message.get(TEXT)
        ]
        model = IntentModel(default_encoder())
        model.fit(pairs + report_examples(), CachedEncoder(default_encoder()))
        with self._storage.write_to(self._resource) as folder:
            model.save(folder)
        self._model = model
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DialogueIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, IntentModel.load(folder, default_encoder()))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(RANKING, ranking[:RANKING_LENGTH], add_to_output=True)
        return messages

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT) or ""
        if self._model is None or not text:
            return [{"name": "nonsense", "confidence": 1.0}]
        ranking = [{"name": name, "confidence": chance} for name, chance in self._model.rank(text)]
        certain = certain_intent(message, ranking)
        if certain is not None:
            ranking = [{"name": certain, "confidence": 1.0}] + [
                entry for entry in ranking if entry["name"] != certain
            ]
        return ranking


def report_examples() -> list[tuple[str, str]]:
    """Every fourth short request, as examples of `report`."""
    short = [example.text for example in read_examples() if len(example.text) <= LONGEST_REPORT]
    return [(text, "report") for text in short[::REPORT_EVERY]]
