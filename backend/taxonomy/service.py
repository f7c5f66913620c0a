"""Loads the taxonomy once and answers for codes."""

from functools import lru_cache
from pathlib import Path

from backend.taxonomy.schemas import Leaf, TaxonomyTree

TAXONOMY_FILE = Path(__file__).parents[2] / "data" / "lexicon" / "taxonomy.json"


class Taxonomy:
    """The tree and an index over its leaves."""

    def __init__(self, tree: TaxonomyTree) -> None:
        self.tree = tree
        self._leaves = {leaf.type: leaf for leaf in _leaves(tree)}

    def leaf(self, code: str) -> Leaf | None:
        """The type with that code, with its group and category."""
        return self._leaves.get(code)

    def label(self, code: str) -> str:
        """The type's Chinese name; an unknown code stands for itself."""
        leaf = self._leaves.get(code)
        return leaf.label if leaf else code

    @property
    def types(self) -> tuple[str, ...]:
        """All type codes in the file's order."""
        return tuple(self._leaves)


def _leaves(tree: TaxonomyTree) -> list[Leaf]:
    return [
        Leaf(
            category=category.code,
            category_label=category.label,
            group=group.code,
            group_label=group.label,
            type=kind.code,
            label=kind.label,
        )
        for category in tree.categories
        for group in category.groups
        for kind in group.types
    ]


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The project's taxonomy, read at the first use."""
    return Taxonomy(TaxonomyTree.model_validate_json(TAXONOMY_FILE.read_bytes()))
