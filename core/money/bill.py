"""What some articles are expected to cost, each by its category's recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Engine, text

from core.money.prices import economy, expected

#: One look at a recipe for each category, however many articles.
_KINDS = text("""
    WITH asked AS (
        SELECT categoria_id, count(*) AS n FROM public.articulos WHERE id = ANY(CAST(:ids AS integer[]))
        GROUP BY categoria_id
    )
    SELECT v.kind, v.model, sum(n)::bigint AS n FROM asked
    JOIN revelado.recipe_versions v ON v.id = revelado.current_version(revelado.recipe_of(categoria_id))
    GROUP BY v.kind, v.model
""")


@dataclass(frozen=True)
class Bill:
    """US$. `free`: pictures that are cut out on this machine."""

    paid: int
    free: int
    normal: Decimal
    economy: Decimal  #: in the economy lane, which takes only the installation's own model

    @property
    def saving(self) -> Decimal:
        return self.normal - self.economy


def bill(engine: Engine, articulo_ids: Sequence[int], editor: str, model: str) -> Bill:
    """`editor` and `model`: the installation's; without Gemini every recipe is cut out here."""
    if editor != "gemini" or not articulo_ids:
        return Bill(0, len(articulo_ids), Decimal(0), Decimal(0))
    paid = free = 0
    normal = cheap = Decimal(0)
    with engine.connect() as connection:
        for row in connection.execute(_KINDS, {"ids": list(articulo_ids)}):
            if row.kind == "faithful":
                free += row.n
                continue
            used = row.model or model
            paid += row.n
            normal += row.n * expected(used)
            cheap += row.n * (economy(used) if used == model else expected(used))
    return Bill(paid, free, normal, cheap)
