"""The table of days. One row a day for every year whose notice is known; editable."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class CalendarDay(Base):
    """Whether a day is worked, and who says so (``source``: a library, a notice, an operator).

    ``changed_by`` is set where staff decided; such a row is never overwritten by the library.
    """

    __tablename__ = "calendar_day"

    date: Mapped[dt.date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    source: Mapped[str]
    changed_by: Mapped[str | None]
    changed_at: Mapped[dt.datetime | None]
