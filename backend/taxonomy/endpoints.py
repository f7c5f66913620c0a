"""GET /taxonomy: open to everyone, it is the programme's published scope."""

from fastapi import APIRouter, Response

from backend.taxonomy.schemas import TaxonomyTree
from backend.taxonomy.service import taxonomy

router = APIRouter(tags=["taxonomy"])


@router.get("/taxonomy", summary="Categories, groups and types")
async def read_taxonomy(response: Response) -> TaxonomyTree:
    """The three categories with their groups and 44 types."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return taxonomy().tree
