"""Who sees which cases, and who may do what: the one place that decides. Pure; decision D10.

Pages and API ask ``visible_cases`` for the set of cases (lists, searches and counts included),
``may`` before anything is done, and ``sees_identity`` before a person is shown, masked or not.
Anybody, signed in or not, reads publications and nothing else: ``public_section`` says of which
cases, ``PUBLIC_WORDS`` which of the words that staff recorded, ``public_village`` how near.
"""

from dataclasses import dataclass
from typing import Literal

Role = Literal["hotline", "village", "town", "city", "auditor", "supervisor"]
Permission = Literal[
    "see_cases",
    "see_identity",
    "see_images",
    "file_case",
    "work_on_case",
    "reveal_contact",
    "search_by_phone",
    "export_case",
    "urge",
    "decide_extension",
    "use_desk",
    "manage_policies",
    "see_settings",
    "see_outbound",
    "resend_outbound",
    "read_audit",
]

_READER: frozenset[Permission] = frozenset({"see_cases"})
_WORKER: frozenset[Permission] = _READER | {
    "see_identity",
    "see_images",
    "file_case",
    "work_on_case",
    "reveal_contact",
    "search_by_phone",
    "export_case",
}
_DECIDER: frozenset[Permission] = _WORKER | {"urge", "decide_extension"}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "hotline": _WORKER | {"use_desk"},
    "village": _WORKER,
    "town": _DECIDER,
    "city": _DECIDER
    | {"use_desk", "manage_policies", "see_settings", "see_outbound", "resend_outbound"},
    "supervisor": _READER,
    "auditor": _READER | {"see_outbound", "read_audit"},
}
ROLE_LABELS: dict[Role, str] = {
    "hotline": "热线坐席",
    "village": "村（社区）经办人",
    "town": "镇街经办人",
    "city": "市级经办人",
    "supervisor": "监督员（只读）",
    "auditor": "审计员",
}


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


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever opens the public pages."""


Caller = Service | StaffMember | Anybody
Section = Literal["notice", "hall", "under_way", "result"]
_PUBLIC: dict[tuple[str, str], Section] = {
    ("weishishi", "publicity"): "notice",
    ("weishishi", "claim_pending"): "under_way",
    ("weishishi", "claim_open"): "hall",
    ("weishishi", "claimed"): "under_way",
    ("weishishi", "implementation"): "under_way",
    ("weishishi", "settlement"): "under_way",
    ("weishishi", "completed"): "result",
    ("weishishi", "feedback"): "result",
    ("weixinyuan", "claim_open"): "hall",
}
_NOTICE = ("content", "place", "time_limit", "budget_cny", "benefiting")
_IN_THE_HALL = ("public_title", "public_text")
PUBLIC_WORDS: dict[Section, tuple[str, ...]] = {
    "notice": _NOTICE,
    "hall": (*_IN_THE_HALL, "need_cny"),
    "under_way": _NOTICE,
    "result": (*_NOTICE, "finished_on", "spent_cny", "audit_result", "effect"),
}
"""What staff wrote for the public with a step, by code; nothing else of a case is published."""
PUBLIC_NEEDS: dict[Section, tuple[str, ...]] = {
    "notice": _NOTICE,
    "hall": _IN_THE_HALL,
    "under_way": _NOTICE,
    "result": (*_NOTICE, "effect"),
}
"""Without these there is nothing to publish."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of cases: all of them, one town's, one village's, or those one account filed."""

    everything: bool = False
    town: str | None = None
    village: str | None = None
    filed_by: str | None = None


def public_section(category: str, status: str) -> Section | None:
    """Where anybody may read of a case in this status; ``None``: nowhere.

    A wish is public only while it may be claimed: what became of it is its owner's matter.
    """
    return _PUBLIC.get((category, status))


def public_village(category: str, village: str | None) -> str | None:
    """A wish says its town only: in a village its owner might be known."""
    return None if category == "weixinyuan" else village


def visible_cases(caller: Caller) -> Scope:
    """The cases a caller may see.

    The staff of the village and town a case lies in, and the city; a hotline agent the cases they
    filed; an auditor all, a supervisor those of their place (all without one), both without
    people. The service acts for citizens and proves ownership. Anybody else sees no case at all.
    """
    if isinstance(caller, Anybody):
        return Scope()
    if isinstance(caller, Service) or caller.role in ("city", "auditor"):
        return Scope(everything=True)
    if caller.role == "town":
        return Scope(town=caller.town)
    if caller.role == "village":
        return Scope(village=caller.village)
    if caller.role == "supervisor":
        return Scope(
            everything=not (caller.town or caller.village),
            town=None if caller.village else caller.town,
            village=caller.village,
        )
    return Scope(filed_by=caller.username)


def joinable_cases(member: StaffMember) -> Scope:
    """Matters of everybody that a caller's report may join, shown without people.

    Whoever works at the desk must find them in every village; callers ask for what concerns all.
    """
    return Scope(everything=True) if may(member, "use_desk") else visible_cases(member)


def may(member: StaffMember, permission: Permission) -> bool:
    """Whether this role may do that, within the cases it sees."""
    return permission in PERMISSIONS[member.role]


def sees_identity(caller: Caller) -> bool:
    """Whether people may be shown to this caller at all, if only masked."""
    if isinstance(caller, Anybody):
        return False
    return isinstance(caller, Service) or may(caller, "see_identity")


def may_reveal(member: StaffMember) -> bool:
    """Whether this role may ever see a contact unmasked."""
    return may(member, "reveal_contact")
