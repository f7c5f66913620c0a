"""What one step of the intake comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.intake.draft import Item
from actions.saying import Say


@dataclass
class Step:
    """What the action must say, and what it must do first.

    `elsewhere`: matters that were just shown another door.
    """

    sayings: list[Say] = field(default_factory=list)
    file: bool = False
    refer: bool = False
    elsewhere: list[Item] = field(default_factory=list)
