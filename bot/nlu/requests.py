"""Rasa component: which requests a message holds, against the 44 types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import asides, gazetteer, long_texts, matters, segments, transcripts
from bot.nlu.alerts import Alert
from bot.nlu.classify.corpus import code_fingerprint, corpus_fingerprint, read_examples
from bot.nlu.classify.model import Guess, RequestModel
from bot.nlu.dialect import DIALECT_FILE
from bot.nlu.encoder import CachedEncoder, default_encoder
from bot.nlu.extraction import FOUND
from bot.nlu.features.clauses import Span
from bot.nlu.lexicon import fingerprint
from bot.nlu.normalization import Normalized, normalize
from bot.nlu.normalizer import NORMALIZED

PREDICTIONS = "request_predictions"
RANKING_LENGTH = 5
LONGEST_TEXT = 2000
_NEARLY_REPORT = 0.2
# in a text longer than this the words around a sign of danger are heard by themselves, too
_SIGN_HEARD_FROM, _AROUND_SIGN = 100, 40


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class RequestClassifier(GraphComponent):  # type: ignore[misc]  # rasa ships no types
    """Sets `request_predictions`: one dict per segment with a request.

    Keys: start, end, text (of the text as sent), type, confidence, ranking, evidence, dangers
    (score by kind).
    A message whose intent is not about a matter (`silent_intents`) gets none; the intent
    classifier therefore comes first in the pipeline.
    """

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: RequestModel | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Which dialogue intents may hold a request.

        `speaking_intents`: in a conversation; `silent_intents`: those that hold none even in a
        text sent for triage alone (`metadata.kind` is set).
        """
        return {
            "speaking_intents": [
                "report",
                "announce",
                "danger",
                "supplement",
                "another",
                "correct",
            ],
            "silent_intents": ["greet", "thanks", "goodbye", "affirm", "deny"],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The corpus, the dialect words and the models' code are outside of Rasa's training data."""
        files = fingerprint(DIALECT_FILE, *gazetteer.FILES)
        return f"{corpus_fingerprint()} {code_fingerprint()} {files}"

    def train(self, training_data: TrainingData) -> Resource:
        model = RequestModel(default_encoder())
        model.fit(read_examples(), CachedEncoder(default_encoder()))
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
    ) -> RequestClassifier:
        with model_storage.read_from(resource) as folder:
            model = RequestModel.load(folder, default_encoder())
        return cls(config, model_storage, resource, model)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(PREDICTIONS, self._predict(message))
        return messages

    def _may_hold_request(self, message: Message) -> bool:
        intent = (message.get("intent") or {}).get("name")
        told = (message.get("metadata") or {}).get("kind")
        if told or _kind(message) == "transcript":
            return intent not in self._config["silent_intents"]
        return intent in self._config["speaking_intents"] or _may_report(message)

    def _predict(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT) or ""
        if self._model is None or not text or not self._may_hold_request(message):
            return []
        normalized = message.get(NORMALIZED) or normalize(text)
        found = self._matters(text, message, normalized, self._model)
        if found and len(text) > _SIGN_HEARD_FROM:
            self._hear_signs(message, normalized, found)
        return found

    def _matters(
        self, text: str, message: Message, normalized: Normalized, model: RequestModel
    ) -> list[dict[str, Any]]:
        if _kind(message) == "message" or transcripts.is_one_block(transcripts.parse(text)):
            found = matters.settle(text, segments.split(text), self._guess)
            return [_prediction(part, guess, normalized, model) for part, guess in found]
        return self._of_call(text, message.get(FOUND).alerts, normalized, model)

    def _hear_signs(
        self, message: Message, normalized: Normalized, found: list[dict[str, Any]]
    ) -> None:
        """A danger told in passing is drowned by the rest of a long text: its own words count."""
        signs, text = message.get("alerts") or (), normalized.text
        around = [text[max(0, s["start"] - _AROUND_SIGN) : s["end"] + _AROUND_SIGN] for s in signs]
        for guess in self._guess(around):
            for kind, score in guess.dangers:
                found[0]["dangers"][kind] = max(found[0]["dangers"][kind], score)

    def _of_call(
        self, text: str, alerts: Sequence[Alert], normalized: Normalized, model: RequestModel
    ) -> list[dict[str, Any]]:
        """As `_predict`; `asides` tells where a prediction's part speaks of something else."""
        parts, told = [], []
        for part in segments.split(text, "transcript"):
            rest, spans = asides.set_apart(part, alerts, self._guess)
            parts.append(rest)
            told += spans
        sent = [normalized.span(span.start, span.end) for span in told]
        shared = [{"start": start, "end": end} for start, end in sent]
        return [
            _prediction(part, guess, normalized, model) | {"asides": shared}
            for part, guess in matters.settle_call(parts, self._guess)
        ]

    def _guess(self, texts: Sequence[str]) -> list[Guess]:
        return long_texts.guess(self._model, texts) if self._model else []


def _may_report(message: Message) -> bool:
    """“上沙那边有条路坑坑洼洼的” is nearly as much a report as a mere place."""
    chances = {entry["name"]: entry["confidence"] for entry in message.get("intent_ranking") or ()}
    return bool(chances.get("report", 0.0) >= _NEARLY_REPORT)


def _kind(message: Message) -> segments.TextKind:
    found = message.get(FOUND)
    return found.kind if found is not None else "message"


def _prediction(
    part: segments.Segment, guess: Guess, normalized: Normalized, model: RequestModel
) -> dict[str, Any]:
    start, end = normalized.span(part.start, part.end)
    words = model.evidence(part.text[:LONGEST_TEXT], guess.type)
    return {
        "start": start,
        "end": end,
        "text": normalized.source[start:end],
        "type": guess.type,
        "confidence": round(guess.confidence, 4),
        "ranking": [
            {"type": kind, "score": round(score, 4)}
            for kind, score in guess.ranking[:RANKING_LENGTH]
        ],
        "evidence": [_as_sent(word, part, normalized) for word in words],
        "dangers": dict(guess.dangers),
    }


def _as_sent(word: Span, part: segments.Segment, normalized: Normalized) -> dict[str, Any]:
    start, end = normalized.span(*part.locate(word.start, word.end))
    return {"start": start, "end": end, "text": normalized.source[start:end]}
