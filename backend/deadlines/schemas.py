"""The calendar as JSON."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.core.text import Clean

Source = Annotated[
    str, StringConstraints(min_length=2, max_length=200, strip_whitespace=True), Clean
]


class DayIn(BaseModel):
    """An operator's word on one day."""

    is_workday: bool
    source: Source = Field(examples=["东莞市台风红色预警停工通知"])


class YearIn(BaseModel):
    """A year's official notice: its days off and its make-up days (调休上班)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "国办发明电〔2026〕7号",
                    "holidays": ["2027-01-01", "2027-01-02", "2027-01-03"],
                    "make_up_days": ["2027-02-20"],
                }
            ]
        }
    )

    source: Source
    holidays: list[date] = Field(min_length=1, max_length=120)
    make_up_days: list[date] = Field(default=[], max_length=60)


class DayOut(BaseModel):
    """One day; ``provisional`` (暂定) where the year's notice is not known and nobody decided."""

    date: date
    is_workday: bool
    source: str
    provisional: bool


class YearOut(BaseModel):
    """A year; ``provisional`` until its notice is known."""

    year: int
    provisional: bool
    days: list[DayOut]


class RuleOut(BaseModel):
    """One clock of the programme; ``local`` marks a local setting (本地设置)."""

    event: str
    what: str
    length: int
    unit: str
    clause: str
    local: str | None
    at_least: bool
