"""What will become of pictures that are not made yet."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, text

from core.recipes.policy import Publish, publish_policy

_RECIPES = text("""
    SELECT DISTINCT v.kind, v.publish, EXISTS (SELECT FROM revelado.adoptions) AS adopted
    FROM unnest(CAST(:categories AS integer[])) AS c(id)
    JOIN revelado.recipe_versions v ON v.id = revelado.current_version(revelado.recipe_of(c.id))
""")


def policies(engine: Engine, categories: Iterable[int | None], *, by_gemini: bool) -> set[Publish]:
    """When the panel's pictures of articles of these categories go to the shop, by their recipes of now.

    `by_gemini`: or nothing is redrawn, whatever the recipe asks for.
    """
    with engine.connect() as connection:
        found = connection.execute(_RECIPES, {"categories": list(set(categories))}).all()
    return {
        publish_policy(row, redrawn=by_gemini and row.kind == "creative", origin="panel", adopted=row.adopted)
        for row in found
    }
