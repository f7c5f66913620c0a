"""Errors of this feature.

AppError
└── BadRequestError
    └── DayOutsideYearError
"""

from backend.core.errors import BadRequestError


class DayOutsideYearError(BadRequestError):
    """A notice names a day of another year, or one day as both free and worked."""

    code, title = "day_outside_year", "日期不在该年度内，或同一天既放假又上班"
