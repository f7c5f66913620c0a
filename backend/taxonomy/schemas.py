"""The taxonomy as JSON and as values in memory."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Category = Literal["weishishi", "weixinyuan", "out_of_scope"]


class Type(BaseModel):
    """One of the 44 types; ``covers`` lists what belongs to it, in Chinese."""

    model_config = ConfigDict(frozen=True)

    code: str
    label: str
    covers: str


class Group(BaseModel):
    """A group of types and the ways in which they may be handled."""

    model_config = ConfigDict(frozen=True)

    code: str
    label: str
    delivery: tuple[Literal["express", "direct", "station"], ...]
    types: tuple[Type, ...]


class CategoryNode(BaseModel):
    """One of the three categories."""

    model_config = ConfigDict(frozen=True)

    code: Category
    label: str
    definition: str
    groups: tuple[Group, ...]


class TaxonomyTree(BaseModel):
    """The whole tree, as ``GET /api/v1/taxonomy`` returns it."""

    model_config = ConfigDict(frozen=True)

    categories: tuple[CategoryNode, ...]


class Leaf(BaseModel):
    """A type with the codes and labels above it."""

    model_config = ConfigDict(frozen=True)

    category: Category
    category_label: str
    group: str
    group_label: str
    type: str
    label: str
