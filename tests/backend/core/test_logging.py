"""Logs carry no people."""

import pytest

from backend.core.logging import hide_people


@pytest.mark.parametrize(
    "field", ["contact_phone", "phone", "text", "description", "address", "name", "token", "openid"]
)
def test_personal_fields_are_hidden(field: str) -> None:
    assert hide_people(None, "", {"event": "x", field: "陈女士"})[field] == "[hidden]"


def test_numbers_are_masked_wherever_they_appear() -> None:
    event = {"event": "failed for 13800001234", "data": {"deep": ["44190019900101123X"]}}
    assert hide_people(None, "", event) == {
        "event": "failed for *******1234",
        "data": {"deep": ["*" * 18]},
    }


def test_fields_inside_others_are_hidden_too() -> None:
    assert hide_people(None, "", {"case": {"contact": {"a": 1}}}) == {
        "case": {"contact": "[hidden]"}
    }


def test_what_is_nobodys_stays() -> None:
    event = {"event": "case_filed", "count": 3, "case_no": "WSS26110300019"}
    assert hide_people(None, "", dict(event)) == event
