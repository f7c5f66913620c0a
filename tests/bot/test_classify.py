"""The classifiers on small data: exact leave-one-out, calibration, evidence, persistence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, vstack

from bot.nlu import sounds
from bot.nlu.classify.calibration import best_sharpness, fit_calibration
from bot.nlu.classify.corpus import Example, read_examples, taxonomy
from bot.nlu.classify.decision import (
    Decision,
    crossed_category_chances,
    fit_decision,
    softmax,
)
from bot.nlu.classify.intent_model import IntentModel
from bot.nlu.classify.kernel import KernelRidge
from bot.nlu.classify.model import RequestModel
from bot.nlu.classify.reading import matter, readable
from bot.nlu.classify.slips import slipped
from bot.nlu.encoder import default_encoder
from bot.nlu.features.clauses import clauses
from bot.nlu.features.ngrams import Ngrams
from bot.nlu.normalization import normalize
from bot.nlu.normalizer import NORMALIZED
from bot.nlu.requests import PREDICTIONS, RequestClassifier

SMALL = [
    Example("村口路灯坏了半个月，晚上很黑", "street_light", "plain"),
    Example("巷子里没有路灯，想装两盏", "street_light", "plain"),
    Example("街灯唔着，行夜路好惊", "street_light", "cantonese"),
    Example("厂里拖欠工资三个月不发", "labour_dispute", "plain"),
    Example("老板欠薪跑路，工资谁来发", "labour_dispute", "plain", ("enforcement",)),
    Example("被辞退没有补偿，怎么申请仲裁", "labour_dispute", "plain"),
    Example("想要一台轮椅给奶奶", "living_aid", "plain"),
    Example("家里困难，希望有一床棉被", "living_aid", "plain"),
    Example("孩子想要一个书包", "living_aid", "plain", ("education_aid",)),
]


def _toy() -> tuple[np.ndarray, csr_matrix, np.ndarray]:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(24, 6)).astype(np.float32)
    rows = csr_matrix(np.abs(random.normal(size=(24, 9))).astype(np.float32))
    return vectors, rows, np.eye(3, dtype=np.float32)[random.integers(0, 3, 24)]


class TestKernelRidge:
    def test_leave_one_out_is_what_a_fit_without_the_example_says(self) -> None:
        vectors, rows, targets = _toy()
        left_out = KernelRidge().fit(vectors, rows, targets)
        without = KernelRidge()
        without.fit(vectors[1:], rows[1:], targets[1:])
        # centre and base of the smaller fit differ a little
        assert left_out[0] == pytest.approx(without.scores(vectors[:1], rows[:1])[0], abs=0.25)
        assert left_out[0].argmax() == without.scores(vectors[:1], rows[:1])[0].argmax()

    def test_an_example_is_left_out_with_its_copy(self) -> None:
        vectors, rows, targets = _toy()
        copied = np.array([0, 5, 23])
        vectors = np.concatenate([vectors, vectors[copied] + np.float32(0.3)])
        rows = vstack([rows, rows[copied] * 1.1], format="csr")
        targets = np.concatenate([targets, targets[copied]])
        kernel = KernelRidge()
        left_out = kernel.fit(vectors, rows, targets, copied)
        assert len(left_out) == 24
        unit = kernel._centred(vectors)
        gram = 0.5 * kernel._gaussian(unit) + 0.5 * (rows @ rows.T).toarray()
        for gone in ([0, 24], [5, 25], [23, 26], [3]):
            kept = np.setdiff1d(np.arange(27), gone)
            ridged = gram[np.ix_(kept, kept)] + kernel.options.ridge * np.eye(len(kept))
            dual = np.linalg.solve(ridged, targets[kept] - kernel.base)
            expected = gram[gone[0], kept] @ dual + kernel.base
            assert left_out[gone[0]] == pytest.approx(expected, abs=1e-4)

    def test_same_data_same_bits(self) -> None:
        data = _toy()
        first, second = KernelRidge(), KernelRidge()
        assert np.array_equal(first.fit(*data), second.fit(*data))
        assert np.array_equal(first.by_ngram, second.by_ngram)

    def test_survives_the_disk(self, tmp_path: Path) -> None:
        vectors, rows, targets = _toy()
        kernel = KernelRidge()
        kernel.fit(vectors, rows, targets)
        kernel.save(tmp_path / "kernel.npz")
        loaded = KernelRidge.load(tmp_path / "kernel.npz")
        assert loaded.scores(vectors, rows) == pytest.approx(kernel.scores(vectors, rows), abs=5e-3)


def _mistaken() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores of 4 types in 2 categories; type 3 regularly scores a little less than type 0."""
    random = np.random.default_rng(3)
    gold = random.integers(0, 4, 800)
    targets = np.eye(4)[gold]
    scores = 0.4 * targets + random.normal(scale=0.08, size=(800, 4))
    scores[gold == 3, 0] += 0.45
    return scores, targets, np.eye(2)[[0, 0, 1, 1]], np.ones(800)


class TestDecision:
    def test_a_regular_mistake_is_unlearnt(self) -> None:
        scores, targets, members, weights = _mistaken()
        gold, category = targets.argmax(axis=1), (targets @ members).argmax(axis=1)
        decision = fit_decision(scores, targets, members, weights, 10.0)
        assert (scores.argmax(axis=1) == gold).mean() < 0.9
        assert (decision.type_chances(scores).argmax(axis=1) == gold).mean() > 0.97
        crossed = crossed_category_chances(scores, targets, members, weights, 10.0)
        assert (crossed.argmax(axis=1) == category).mean() > 0.97

    def test_no_text_is_judged_by_a_decision_it_helped_to_fit(self) -> None:
        scores, targets, members, weights = _mistaken()
        lied = targets.copy()
        lied[0] = targets[0][::-1]
        crossed = [
            crossed_category_chances(scores, labels, members, weights, 10.0)[0]
            for labels in (targets, lied)
        ]
        assert np.array_equal(*crossed)

    def test_survives_being_stored(self) -> None:
        scores, targets, members, weights = _mistaken()
        decision = fit_decision(scores, targets, members, weights, 10.0)
        again = Decision.restored(decision.arrays(), members)
        assert np.array_equal(again.type_chances(scores), decision.type_chances(scores))
        assert np.array_equal(again.category_chances(scores), decision.category_chances(scores))


class TestCalibration:
    def test_confidence_rises_with_the_lead(self) -> None:
        random = np.random.default_rng(3)
        gold = random.integers(0, 3, 600)
        targets = np.eye(3)[gold]
        scores = 0.25 * targets + random.normal(scale=0.2, size=(600, 3))
        calibration = fit_calibration(scores, softmax(scores * 6), targets > 0, np.ones(600))
        clear, close = np.array([[0.9, 0.05, 0.05]]), np.array([[0.36, 0.33, 0.31]])
        sure, unsure = (calibration.confidence(x, softmax(x * 6))[0] for x in (clear, close))
        assert sure > 0.85
        assert sure > unsure

    def test_sharpness_fits_the_scale_of_the_scores(self) -> None:
        targets = np.eye(2)[[0, 1] * 50]
        assert best_sharpness(0.1 * targets, targets) > best_sharpness(
            0.4 * targets + 0.3 * targets[:, ::-1], targets
        ) or best_sharpness(0.1 * targets, targets) == pytest.approx(40, abs=0.1)

    def test_softmax_sums_to_one(self) -> None:
        assert softmax(np.array([[1000.0, 0.0], [0.0, 0.0]])).sum(axis=1).tolist() == [1.0, 1.0]


class TestSlips:
    TEXTS = tuple(f"{at}号楼门口的路灯坏了半个月，老人晚上出门，很害怕。" for at in range(60))

    def test_the_same_text_gives_the_same_copy(self) -> None:
        assert [slipped(text) for text in self.TEXTS] == [slipped(text) for text in self.TEXTS]

    def test_typing_keeps_punctuation_and_dictation_has_none(self) -> None:
        copies = [slipped(text) for text in self.TEXTS]
        typed = [copy for copy in copies if "，" in copy]
        dictated = [copy for copy in copies if not set("，。") & set(copy)]
        assert len(typed) + len(dictated) == len(copies)
        assert min(len(typed), len(dictated)) > 15

    def test_most_wrong_characters_sound_like_the_right_ones(self) -> None:
        pairs = [
            (right, wrong)
            for text in self.TEXTS
            if len(copy := slipped(text)) == len(text)
            for right, wrong in zip(text, copy, strict=True)
            if right != wrong
        ]
        assert len(pairs) > 10
        assert sum(sounds.alike(*pair) for pair in pairs) > 0.7 * len(pairs)


class TestNgrams:
    def test_survives_the_disk(self, tmp_path: Path) -> None:
        ngrams = Ngrams(min_count=1)
        rows = ngrams.fit(["路灯坏了", "路灯不亮 13800001234"])
        ngrams.save(tmp_path)
        again = Ngrams.load(tmp_path).transform(["路灯坏了", "路灯不亮 13800001234"])
        assert np.array_equal(rows.toarray(), again.toarray())

    def test_numbers_are_levelled(self) -> None:
        ngrams = Ngrams(min_count=1)
        ngrams.fit(["欠我3000元", "其他"])
        one, other = ngrams.transform(["欠我3000元", "欠我85.5元"]).toarray()
        assert np.array_equal(one, other)


@pytest.fixture(scope="module")
def small_model() -> RequestModel:
    model = RequestModel(default_encoder())
    model.fit(SMALL * 2, default_encoder())
    return model


class TestRequestModel:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("门口的路灯不亮", "street_light"),
            ("公司拖欠我工资", "labour_dispute"),
            ("想要一个轮椅", "living_aid"),
        ],
    )
    def test_type(self, small_model: RequestModel, text: str, expected: str) -> None:
        guess = small_model.guess([text])[0]
        assert guess.type == expected
        assert guess.ranking[0][0] == expected
        assert 0.0 <= guess.confidence <= 1.0
        assert {kind for kind, _ in guess.ranking} == set(taxonomy())

    def test_traditional_and_dialect_read_alike(self, small_model: RequestModel) -> None:
        assert readable("街燈唔着") == readable("街灯唔着")
        assert small_model.guess(["條巷冇街燈"])[0].type == "street_light"

    def test_evidence_lies_in_the_text(self, small_model: RequestModel) -> None:
        text = "你好，我是上沙的，村口路灯坏了，谢谢"
        found = small_model.evidence(text, "street_light")
        assert found
        assert all(text[span.start : span.end] == span.text for span in found)
        assert any("灯" in span.text for span in found)

    def test_survives_the_disk(self, small_model: RequestModel, tmp_path: Path) -> None:
        small_model.save(tmp_path)
        loaded = RequestModel.load(tmp_path, default_encoder())
        text = "巷口路灯坏了"
        assert loaded.guess([text])[0].type == small_model.guess([text])[0].type

    def test_two_trainings_write_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            model = RequestModel(default_encoder())
            model.fit(SMALL * 2, default_encoder())
            model.save(tmp_path / name)
        written = sorted((tmp_path / "one").iterdir())
        assert written
        for path in written:
            assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name

    def test_a_model_of_another_encoder_is_refused(
        self, small_model: RequestModel, tmp_path: Path
    ) -> None:
        small_model.save(tmp_path)
        stored = (tmp_path / "model.json").read_text()
        (tmp_path / "model.json").write_text(stored.replace("e5-small", "other"))
        with pytest.raises(ValueError, match="train again"):
            RequestModel.load(tmp_path, default_encoder())

    def test_no_text_no_guess(self, small_model: RequestModel) -> None:
        assert small_model.guess([]) == []


class TestIntentModel:
    def test_ranks_and_survives_the_disk(self, tmp_path: Path) -> None:
        pairs = [("你好", "greet"), ("您好", "greet"), ("谢谢", "thanks"), ("多谢", "thanks")] * 3
        model = IntentModel(default_encoder())
        model.fit(pairs, default_encoder())
        model.save(tmp_path)
        ranking = IntentModel.load(tmp_path, default_encoder()).rank("谢谢你")
        assert ranking[0][0] == "thanks"
        assert sum(chance for _, chance in ranking) == pytest.approx(1.0)


class TestCorpus:
    def test_every_type_has_examples(self) -> None:
        assert {example.type for example in read_examples()} == set(taxonomy())


class TestClauses:
    def test_offsets_are_true(self) -> None:
        text = "路灯坏了，晚上黑！麻烦 修一下。"
        found = clauses(text)
        assert [clause.text for clause in found] == ["路灯坏了", "晚上黑", "麻烦", "修一下"]
        assert all(text[clause.start : clause.end] == clause.text for clause in found)


class TestRequestClassifier:
    @pytest.fixture
    def component(self, small_model: RequestModel) -> RequestClassifier:
        config = RequestClassifier.get_default_config()
        return RequestClassifier(config, None, None, small_model)  # type: ignore[arg-type]

    def _process(self, component: RequestClassifier, text: str, intent: str) -> Message:
        normalized = normalize(text)
        message = Message({TEXT: normalized.text, NORMALIZED: normalized, INTENT: {"name": intent}})
        return component.process([message])[0]

    def test_offsets_are_those_of_the_text_as_sent(self, component: RequestClassifier) -> None:
        text = "  村口　　路燈壞咗，晚上好黑"
        found = self._process(component, text, "report").get(PREDICTIONS)[0]
        assert found["type"] == "street_light"
        assert found["text"] == text[found["start"] : found["end"]]
        for word in found["evidence"]:
            assert word["text"] == text[word["start"] : word["end"]]
        assert found["ranking"][0]["type"] == found["type"]

    @pytest.mark.parametrize(("text", "intent"), [("谢谢你们", "thanks"), ("", "report")])
    def test_no_matter_no_prediction(
        self, component: RequestClassifier, text: str, intent: str
    ) -> None:
        assert self._process(component, text, intent).get(PREDICTIONS) == []


class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("text", "read"),
        [
            pytest.param("长安上沙路灯坏了，13800001234", "路灯坏了，", id="place and number"),
            pytest.param("村口路灯坏了", "村口路灯坏了", id="neither"),
            pytest.param("长安上沙", "长安上沙", id="a place alone stays"),
            pytest.param("有200户没水", "有200户没水", id="counts stay"),
        ],
    )
    def test_where_and_by_whom_do_not_weigh_in(self, text: str, read: str) -> None:
        assert matter(text) == read
