"""How errors look in the API's description."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """RFC 9457, with a stable ``code``; some codes add members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str = Field(examples=["没有查到，请核对编号和电话后四位"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["case_not_found"])
    detail: str | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of an endpoint that may answer with these problem statuses."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": "problem", "content": content} for status in statuses}
