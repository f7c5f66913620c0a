"""Numbers out of many measured times."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, and the worst, in the unit of the values."""
    shares = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return {name: round(percentile(values, share), 3) for name, share in shares.items()}


def load() -> float:
    """The machine's load average of the last minute: other work makes every figure worse."""
    return round(os.getloadavg()[0], 1)
