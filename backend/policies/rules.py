"""How likely a policy fits a text. Pure: the words it names, its type, its groups."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.cases.similarity import similarity
from backend.policies.models import Policy

_KEYWORD, _MOST_KEYWORDS = 0.3, 3
_TYPE = 0.45
_GROUP = 0.2
_ALIKE = 0.4
LIKELY = 0.3
"""Below this a policy is not worth showing."""
_LEAD = 0.1
GROUP_LABELS = {
    "elderly": "老年人", "child": "儿童", "disabled": "残疾人", "low_income": "低收入",
    "extreme_poverty": "特困人员", "severe_illness": "重病", "orphan": "孤儿",
    "left_behind_child": "留守儿童", "migrant": "外来务工", "veteran": "退役军人",
    "single_parent": "单亲", "unemployed": "失业", "women": "妇女",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """A score (0 and up; 1 and more is a strong fit) and what speaks for it."""

    score: float
    why: tuple[str, ...]


def fit(policy: Policy, text: str, type_: str | None, groups: Sequence[str]) -> Fit:
    """How well a policy fits a text of a type about people of some groups."""
    said = [word for word in policy.keywords if word in text]
    shared = [group for group in groups if group in policy.groups]
    is_type = type_ is not None and type_ in policy.types
    score = (
        _KEYWORD * min(len(said), _MOST_KEYWORDS)
        + _TYPE * is_type
        + _GROUP * bool(shared) * (is_type or bool(said))
        + _ALIKE * similarity(policy.title + policy.conditions, text)
    )
    return Fit(round(score, 3), (*said, *(GROUP_LABELS[group] for group in shared)))


def may_tell(
    policy: Policy, text: str, type_: str | None, best: Fit, next_best: Fit | None
) -> bool:
    """Whether the best policy fits so well that a citizen may be told of it.

    The request is of the type the policy is made for (named first) and says one of its words, or of
    a further type and says two; and the next policy is clearly behind. Read on 40 of 262 such
    requests of the corpus, 36 were the right door.
    """
    if type_ not in policy.types or (next_best and best.score - next_best.score < _LEAD):
        return False
    words = sum(word in text for word in policy.keywords)
    return words >= (1 if policy.types[0] == type_ else 2)
