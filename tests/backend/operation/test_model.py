"""What the assistant's model is made of."""

from pathlib import Path

from scripts.model import fingerprint


def _put(root: Path, name: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")


class TestFingerprint:
    def test_the_policy_list_is_no_part_of_the_model(self, tmp_path: Path) -> None:
        before = fingerprint(tmp_path)
        _put(tmp_path, "data/policies/sample.csv")
        assert fingerprint(tmp_path) == before

    def test_training_texts_are(self, tmp_path: Path) -> None:
        before = fingerprint(tmp_path)
        _put(tmp_path, "data/requests/road.yml")
        assert fingerprint(tmp_path) != before
