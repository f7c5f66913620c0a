"""What a template's fields hold, by their kind."""

import pytest

from backend.cases.rules import Status
from backend.cases.wording import status_label
from backend.channels.wechat.templates import KINDS, Template, templates_for
from backend.conversations.delivery import PermanentDeliveryError
from backend.conversations.schemas import Notice
from backend.taxonomy.service import taxonomy

IDS = {f"case_step.{kind}": kind for kind in KINDS}
LONGEST_TYPE = max((taxonomy().label(code) for code in taxonomy().types), key=len)


def step(label: str) -> Notice:
    """A case's step."""
    fields = {"case_no": "WSS26110300012", "matter": LONGEST_TYPE, "at": "2026-11-03 10:00"}
    return Notice("case_step", fields | {"step": label})


@pytest.mark.parametrize("status", list(Status))
def test_every_step_fits_the_fields_as_they_are_registered(status: Status) -> None:
    notice = step(status_label(status.value))
    found = templates_for(notice, IDS)
    assert [template.kind for template in found] == list(KINDS)
    for template in found:
        assert status_label(status.value) in template.filled(notice).values()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("thing3", "字" * 21, id="thing"),
        pytest.param("phrase3", "按现行政策办理中", id="phrase"),
        pytest.param("name1", "字" * 11, id="name"),
    ],
)
def test_what_is_too_long_for_its_kind_is_refused(field: str, value: str) -> None:
    template = Template("t", "subscription", {field: "{step}"})
    assert template.filled(step(value[:-1] if field != "phrase3" else value[:5]))
    with pytest.raises(PermanentDeliveryError, match=f"template_field_unfit:{field}"):
        template.filled(step(value))
