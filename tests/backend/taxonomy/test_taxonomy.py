"""The taxonomy file and its address."""

import httpx
import pytest

from backend.taxonomy.service import taxonomy


def test_has_three_categories_and_44_types() -> None:
    assert [category.code for category in taxonomy().tree.categories] == [
        "weishishi",
        "weixinyuan",
        "out_of_scope",
    ]
    assert len(taxonomy().types) == 44


@pytest.mark.parametrize(
    ("code", "group", "category"),
    [
        ("street_light", "convenience_works", "weishishi"),
        ("elderly_service", "public_service", "weishishi"),
        ("medical_aid", "hardship_aid", "weixinyuan"),
        ("petition", "redirect", "out_of_scope"),
    ],
)
def test_a_leaf_knows_what_is_above_it(code: str, group: str, category: str) -> None:
    leaf = taxonomy().leaf(code)
    assert leaf is not None
    assert (leaf.group, leaf.category) == (group, category)


def test_an_unknown_code_has_no_leaf() -> None:
    assert taxonomy().leaf("nothing") is None
    assert taxonomy().label("nothing") == "nothing"


async def test_anyone_may_read_it(service: httpx.AsyncClient) -> None:
    answer = await service.get("/taxonomy", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["categories"][0]["groups"][0]["types"][0]["code"] == "road"
