"""Trains the assistant's model when its inputs changed: `python -m scripts.model [--force]`.

The fingerprint covers everything the model is made of; the same fingerprint is the same model.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import time
from pathlib import Path

from scripts.env_file import ROOT

MODEL = ROOT / "models" / "guanjia.tar.gz"
STAMP = ROOT / "models" / "guanjia.fingerprint"
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
LOG = ROOT / "var" / "log" / "train.log"
_STEP = re.compile(r"(Starting to train|Finished training|Restored) component '(\w+)'")
_STEPS = {"Starting to train": "…", "Finished training": "✓", "Restored": "＝"}
_INPUTS = (
    *("config.yml", "domain.yml", "requirements/rasa.txt", "bot/nlu"),
    *("data/lexicon", "data/nlu", "data/requests", "data/rules"),
)


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over names and contents of all inputs."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        top = root / name
        files = sorted(top.rglob("*")) if top.is_dir() else [top]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(root)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def is_stale() -> bool:
    """Whether the model is missing or made from other inputs."""
    return not MODEL.exists() or not STAMP.exists() or STAMP.read_text() != fingerprint()


def rasa_environment() -> dict[str, str]:
    """The environment in which Rasa runs: quiet, no telemetry, one hash seed."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        # placeholders: training reads the files but opens no connection
        **{name: os.environ.get(name, "http://127.0.0.1") for name in _ENDPOINT_VARIABLES},
    }


_ENDPOINT_VARIABLES = ("GUANJIA_ACTIONS_URL", "GUANJIA_TRACKER_URL", "GUANJIA_RASA_TOKEN")


def train() -> None:
    """Trains into models/guanjia.tar.gz, Rasa's own progress on the terminal.

    Raises:
        SystemExit: training failed; its last lines say why.
    """
    started, want = time.monotonic(), fingerprint()
    print("· 训练模型（第一次约两三分钟，之后只在改动后重训）", flush=True)
    # Rasa's validation does not look into actions and complains of every response they use;
    # scripts.check_domain does the job
    command = [
        *(str(PYTHON), "-m", "rasa", "train", "--skip-validation"),
        *("--out", "models", "--fixed-model-name", "guanjia"),
    ]
    if _run_with_progress(command) or not MODEL.exists():
        raise SystemExit(f"模型训练失败，日志 {LOG}：\n{_tail()}")
    STAMP.write_text(want)
    print(f"· 模型好了：{time.monotonic() - started:.0f} 秒，指纹 {want[:12]}", flush=True)


def _run_with_progress(command: list[str]) -> int:
    """Shows each component as it is trained; everything else goes to the log."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=rasa_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            step = _STEP.search(line)
            if step:
                print(f"  {_STEPS[step[1]]} {step[2]}", flush=True)
        return process.wait()


def _tail(lines: int = 15) -> str:
    return "\n".join(LOG.read_text("utf-8", "replace").splitlines()[-lines:])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    if parser.parse_args().force or is_stale():
        train()
    else:
        print(f"· 模型是最新的，指纹 {STAMP.read_text()[:12]}")


if __name__ == "__main__":
    main()
