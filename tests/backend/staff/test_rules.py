"""Decision D10: who may know about a case."""

import pytest

from backend.staff.rules import Caller, Role, Scope, Service, StaffMember, may_reveal, visible_cases


def member(role: Role, town: str | None = None, village: str | None = None) -> StaffMember:
    """Somebody of that role."""
    return StaffMember(1, "name", "label", role, town, village)


@pytest.mark.parametrize(
    ("caller", "scope"),
    [
        pytest.param(Service(), Scope(everything=True), id="service"),
        pytest.param(member("city"), Scope(everything=True), id="city"),
        pytest.param(member("auditor"), Scope(everything=True), id="auditor"),
        pytest.param(member("town", "441900119"), Scope(town="441900119"), id="town"),
        pytest.param(
            member("village", "441900119", "441900119011"),
            Scope(village="441900119011"),
            id="village",
        ),
        pytest.param(member("hotline"), Scope(filed_by="name"), id="hotline"),
    ],
)
def test_visible_cases(caller: Caller, scope: Scope) -> None:
    assert visible_cases(caller) == scope


@pytest.mark.parametrize("role", ["hotline", "village", "town", "city"])
def test_those_who_work_on_cases_may_reveal(role: Role) -> None:
    assert may_reveal(member(role))


def test_an_auditor_never_sees_a_contact() -> None:
    assert not may_reveal(member("auditor"))
