"""One picture to judge, as the browser gets it: addresses, facts, reasons and rules, all in words ready to be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from core.bootstrap import App
from core.inspect import marketplace
from core.inspect.doubts import fill
from core.inspect.marketplace import MARKETS, RuleResult
from core.inspect.report import Report
from core.recipes.recipes import Recipe
from core.review.desk import Case
from core.ui import formats, images, picture_words, prices
from core.ui.texts import _


class MarketBadge(TypedDict):
    name: str
    met: bool
    required: list[str]  #: sentences of the rules that aren't met
    advised: list[str]


class SameRecipe(TypedDict):
    id: int | None  #: None: whatever the article's category is made by now
    label: str


class ShownCase(TypedDict):
    id: int
    name: str
    under: str
    before: str
    after: str
    verdict: str  #: good | doubtful | bad, or empty
    verdictWord: str
    reasons: list[str]
    markets: list[MarketBadge]
    facts: list[tuple[str, str]]
    state: str
    same: SameRecipe


def shown(app: App, case: Case, recipes: Sequence[Recipe]) -> ShownCase:
    name = case.nombre or _("Artículo {id}").format(id=case.articulo_id)
    return ShownCase(
        id=case.picture_id,
        name=name,
        under=" · ".join(part for part in (case.codigo, case.categoria, case.unidad) if part),
        before=images.full_url(case.before_url) or "",
        after=images.full_url(case.after_url) or "",
        verdict=case.verdict or "",
        verdictWord=verdict_title(case.verdict),
        reasons=[*_asked_anew(case), *picture_words.findings(case.report)],
        markets=markets(case),
        facts=_facts(case),
        state=_("La tienda ya muestra esta imagen.")
        if case.shown
        else _("Todavía no está en la tienda: se publica al aprobarla."),
        same=_same(app, case, recipes),
    )


def _asked_anew(case: Case) -> list[str]:
    if case.redo_by is None:
        return []
    if case.came_out_same:
        return [_("{who} pidió otra y salió igual.").format(who=case.redo_by)]
    return [_("Es la nueva que pidió {who}.").format(who=case.redo_by)]


def verdict_title(verdict: str | None) -> str:
    words = {"good": _("Bien"), "doubtful": _("Revisar"), "bad": _("Mal")}
    return words.get(verdict or "", _("Sin inspección"))


def markets(case: Case) -> list[MarketBadge]:
    """One badge each; none for a picture that was never measured."""
    if not case.report.get("width"):
        return []
    # Since there are verdicts, every file we deliver says how it was made.
    results = marketplace.check(Report.from_json(case.report), ai_tagged=case.verdict is not None)
    return [
        MarketBadge(
            name=name,
            met=marketplace.summary(results, market),
            required=[_why(one) for one in results if one.market == market and one.required and not one.passed],
            advised=[_why(one) for one in results if one.market == market and not one.required and not one.passed],
        )
        for market, name in MARKETS.items()
    ]


def _why(result: RuleResult) -> str:
    return fill(_(result.message), result.params)


def _facts(case: Case) -> list[tuple[str, str]]:
    version = "" if case.recipe_version is None else _("versión {n}").format(n=case.recipe_version)
    recipe = ", ".join(p for p in (case.recipe_name, version, picture_words.recipe_kind(case.recipe_kind)) if p)
    facts = [
        (_("Descripción"), case.descripcion),
        (_("Receta"), recipe),
        (_("Hecho con"), picture_words.maker(case.model)),
        (_("Costo"), None if case.cost is None else formats.money(case.cost)),
        (_("Hecha"), formats.ago(case.created_at)),
        (_("Lote"), None if case.batch_id is None else str(case.batch_id)),
    ]
    return [(label, value) for label, value in facts if value]


def _same(app: App, case: Case, recipes: Sequence[Recipe]) -> SameRecipe:
    """Its newest version: what was saved since may be why it is worth another try."""
    for recipe in recipes:
        if recipe.name == case.recipe_name:
            return SameRecipe(id=recipe.current.id, label=f"{recipe.name} · {prices.of_recipe(app, recipe.current)}")
    most = _("como mucho {money}").format(money=formats.money(prices.per_picture(app)))
    return SameRecipe(
        id=None, label=f"{_('la de su categoría')} · {most if prices.per_picture(app) else _('sin costo')}"
    )
