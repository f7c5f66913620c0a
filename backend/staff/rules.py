"""Who sees which cases. Pure; decision D10."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["hotline", "village", "town", "city", "auditor"]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A signed-in member of staff."""

    id: int
    username: str
    display_name: str
    role: Role
    town: str | None = None
    village: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The product's own processes, known by the service token."""


Caller = Service | StaffMember


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of cases: all of them, one town's, one village's, or those one account filed."""

    everything: bool = False
    town: str | None = None
    village: str | None = None
    filed_by: str | None = None


def visible_cases(caller: Caller) -> Scope:
    """The cases a caller may see.

    The staff of the village and town a case lies in, and the city; a hotline agent the cases they
    filed; an auditor all, without contacts. The service acts for citizens and proves ownership.
    """
    if isinstance(caller, Service) or caller.role in ("city", "auditor"):
        return Scope(everything=True)
    if caller.role == "town":
        return Scope(town=caller.town)
    if caller.role == "village":
        return Scope(village=caller.village)
    return Scope(filed_by=caller.username)


def may_reveal(member: StaffMember) -> bool:
    """Whether this role may ever see a contact unmasked."""
    return member.role != "auditor"
