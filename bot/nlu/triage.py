"""Last of the pipeline: facts and predictions become the triage result."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import dialect, facts, gazetteer, persons, words
from bot.nlu.assembly import Settings, assemble
from bot.nlu.classify.corpus import taxonomy
from bot.nlu.extraction import FOUND
from bot.nlu.lexicon import fingerprint
from bot.nlu.normalization import normalize
from bot.nlu.normalizer import NORMALIZED

FACTS = "facts"
TRIAGE = "triage"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class Triage(GraphComponent):  # type: ignore[misc]  # rasa ships no types
    """Sets `facts` and `triage`, and puts the text as sent back into TEXT.

    `Extractors` has read the text before; the classifiers have said what is asked.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`needs_person_below`: a chance, see `Settings`."""
        return {"needs_person_below": Settings().needs_person_below}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Triage:
        words.tokenizer()
        return cls(Settings(**{name: config[name] for name in cls.get_default_config()}))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return fingerprint(
            *gazetteer.FILES, words.WORDS_FILE, persons.SURNAMES_FILE, dialect.DIALECT_FILE
        )

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self._complete(message)
        return messages

    def _complete(self, message: Message) -> None:
        normalized = message.get(NORMALIZED) or normalize(message.get(TEXT) or "")
        found = message.get(FOUND) or facts.gather(normalized.text)
        predictions = message.get("request_predictions") or []
        result = assemble(normalized, predictions, found, taxonomy(), self._settings)
        _take_back_danger(message, result)
        message.set(FACTS, facts.as_dict(found, normalized), add_to_output=True)
        message.set(TRIAGE, result, add_to_output=True)
        message.set(TEXT, normalized.source, add_to_output=True)


def _take_back_danger(message: Message, result: dict[str, Any]) -> None:
    """A sign that raised no alarm after all decides no intent."""
    ranking = message.get(INTENT_RANKING_KEY) or []
    if not result["alerts"] and len(ranking) > 1 and ranking[0]["name"] == "danger":
        message.set(INTENT_RANKING_KEY, ranking[1:], add_to_output=True)
        message.set(INTENT, ranking[1], add_to_output=True)
