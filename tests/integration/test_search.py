"""A search in the database finds what folding both texts would."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.catalog import articles
from core.catalog.articles import ArticleFilter
from core.catalog.folding import fold
from tests.shop import article

NAMES = (
    "Cañería 3/8 x 100 %", "CAÑO Ø 10 mm", "cano_de_bronce", "Güinche 71 kg", "Tornillo HEXAGONAL 71", "Straße \\ nº 5",
    "ŽELEZO Ωmega ½", "İstanbul ışık", "Ñandú", "n",
)  # fmt: skip


@pytest.mark.parametrize(
    "search",
    [
        "cano", "CAÑO", "caño de", "_", "%", "100 %", "\\", "3/8", "71", "hexagonal 71", "71 hexagonal", "ñ", "N", "ø", "½",
        "straße", "STRASSE", "º", "ž", "Ž", "ω", "istanbul", "ŞIK", "güin", "guin kg", "x", "aeiou", "nandu", "a_d", "..",
    ],
)  # fmt: skip
def test_a_search_finds_what_folding_would(engine: Engine, search: str) -> None:
    ids = {article(engine, name): name for name in NAMES}
    found = articles.ids(engine, ArticleFilter(search=search))
    wanted = [number for number, name in ids.items() if all(fold(word) in fold(name) for word in search.split())]
    assert sorted(found) == sorted(wanted)
