"""Whether somebody is in danger now: the signs found in a text together with what the model hears.

A sign (alerts.yml) is plain but narrow; the model knows words that no list holds. Either raises an
alarm alone, unless the model hears nothing of danger around a sign (“两个人掉进河里” is not “界石掉进
河里”). The scores are those of `classify.model`: near 1 where the examples tell of danger. The bars
were set on the examples, each left out in turn (docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.nlu.alerts import ADVICE, Alert, happens_now, is_cry, told_as_over

Prediction = Mapping[str, Any]

# a second service is named beside the first from this share of its score, and from this score on
_BESIDE_SHARE = 0.6
_BESIDE_FROM = 0.35
# “救命啊这路灯都坏了三个月了”: a cry alone gives way to a matter that is beyond doubt
_BEYOND_DOUBT = 0.9


@dataclass(frozen=True)
class Bars:
    """Scores from which the model raises an alarm: `plainly`; `now` where the text says that it
    happens at this moment; `always` also where it tells of long ago, of fear or of a wish. Under
    `least` a sign is none."""

    plainly: float = 0.40
    now: float = 0.30
    always: float = 0.50
    least: float = 0.12


@dataclass(frozen=True)
class Alarm:
    """Who must come. `start`, `end`: the sign in the cleaned text, or None where the model heard it
    in the stretch of `prediction`."""

    kind: str
    advice: str
    start: int | None = None
    end: int | None = None
    prediction: Prediction | None = None


def raised(
    signs: Sequence[Alert], predictions: Sequence[Prediction], text: str, bars: Bars
) -> list[Alarm]:
    """One alarm for each kind of danger, those with a sign first."""
    told = [score for row in predictions for score in row["dangers"].values()]
    meant = not told or max(told) >= bars.least
    plain = [sign for sign in signs if meant and not _mere_cry(text, sign, predictions)]
    heard = [alarm for row in predictions for alarm in _heard(row, text, bars)]
    if heard and all(is_cry(text, sign) for sign in plain):
        plain = []
    alarms = [Alarm(sign.kind, sign.advice, sign.start, sign.end) for sign in plain]
    for alarm in heard:
        if alarm.kind not in {known.kind for known in alarms}:
            alarms.append(alarm)
    return alarms


def _mere_cry(text: str, sign: Alert, predictions: Sequence[Prediction]) -> bool:
    return is_cry(text, sign) and all(
        row["type"] != "emergency" and row["confidence"] >= _BEYOND_DOUBT for row in predictions
    )


def _heard(prediction: Prediction, text: str, bars: Bars) -> list[Alarm]:
    scores: dict[str, float] = prediction["dangers"]
    best = max(scores.values(), default=0.0)
    if best < _bar(text, bars):
        return []
    beside = max(_BESIDE_FROM, _BESIDE_SHARE * best)
    kinds = sorted(scores, key=lambda kind: -scores[kind])
    return [
        Alarm(kind, ADVICE[kind], prediction=prediction)  # type: ignore[index]
        for at, kind in enumerate(kinds)
        if at == 0 or scores[kind] >= beside
    ]


def _bar(text: str, bars: Bars) -> float:
    if happens_now(text):
        return bars.now
    return bars.always if told_as_over(text) else bars.plainly
