"""Sign-in as JSON."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from backend.core.clock import Timestamp
from backend.core.text import Clean
from backend.staff.rules import Role


class Credentials(BaseModel):
    """What somebody signs in with."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=64), Clean]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256), Clean]


class StaffOut(BaseModel):
    """An account without its secrets."""

    username: str
    display_name: str
    role: Role
    town: str | None
    village: str | None


class TokenOut(BaseModel):
    """A bearer token and whose it is."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme's name
    expires_at: Timestamp
    staff: StaffOut
