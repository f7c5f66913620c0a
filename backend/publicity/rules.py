"""Counts that point at nobody. Pure."""

from collections.abc import Mapping

FEW = 5
"""Fewer cases of a village are not shown by themselves."""


def broken_out(counts: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """Villages that may be shown with their counts, largest first, and all others together.

    What is left must hold ``FEW`` cases of at least two villages, or subtracting the shown counts
    from the town's would tell the hidden one: then the smallest shown village joins it.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [item for item in ranked if item[1] >= FEW]
    hidden = [item for item in ranked if 0 < item[1] < FEW]
    while hidden and shown and (len(hidden) < 2 or sum(count for _, count in hidden) < FEW):
        hidden.append(shown.pop())
    return dict(shown), sum(count for _, count in hidden)
