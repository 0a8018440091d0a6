"""Each rule of each marketplace, met and not met, with the reason that staff read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.inspect.marketplace import MARKETS, NOT_MEASURED, RULES, Market, RuleResult, check, summary
from core.inspect.report import Report

GOOD = Report(
    ring_white=1.0,
    occupancy=0.4,
    span=0.88,
    width=1600,
    height=1600,
    blank=False,
    identical=False,
    mask_iou=0.95,
    tokens_before=("220V",),
    tokens_after=("220V",),
    bytes=412_300,
)


def result(
    market: Market, rule: str, *, ai_tagged: bool = True, media_type: str = "image/jpeg", **changed
) -> RuleResult:
    results = check(replace(GOOD, **changed), ai_tagged=ai_tagged, media_type=media_type)
    [found] = [one for one in results if (one.market, one.rule) == (market, rule)]
    return found


#: Market, rule, obligatoria, what just meets it, what just doesn't.
CASES: list[tuple[Market, str, bool, dict, dict]] = [
    ("mercado_libre", "minimum_size", True, {"width": 500, "height": 500}, {"width": 1600, "height": 499}),
    ("mercado_libre", "recommended_size", False, {"width": 1200, "height": 1200}, {"width": 1200, "height": 1199}),
    ("mercado_libre", "maximum_size", False, {"width": 1920, "height": 1920}, {"width": 1921, "height": 100}),
    ("mercado_libre", "zoom", False, {"width": 801}, {"width": 800}),
    ("mercado_libre", "fill", False, {"span": 0.94}, {"span": 0.88}),
    ("mercado_libre", "white_background", True, {"ring_white": 0.98}, {"ring_white": 0.97}),
    ("mercado_libre", "text_logo", True, {"changed": (("220V", "22V"),)}, {"new": ("OFERTA",)}),
    ("mercado_libre", "format", True, {"media_type": "image/webp"}, {"media_type": "image/tiff"}),
    ("mercado_libre", "weight", True, {"bytes": 10_000_000}, {"bytes": 10_000_001}),
    ("google", "minimum_size", True, {"width": 500, "height": 500}, {"width": 499, "height": 1600}),
    ("google", "recommended_size", False, {"width": 1500, "height": 1500}, {"width": 1600, "height": 1499}),
    ("google", "maximum_size", True, {"width": 8000, "height": 8000}, {"width": 8001, "height": 8001}),
    ("google", "fill", False, {"span": 0.74}, {"span": 0.72}),
    ("google", "fill", False, {"span": 0.91}, {"span": 0.95}),
    ("google", "white_background", False, {"ring_white": 0.98}, {"ring_white": 0.5}),
    ("google", "text_logo", True, {"added": 0.005}, {"added": 0.2}),
    ("google", "format", True, {"media_type": "image/tiff"}, {"media_type": "image/avif"}),
    ("google", "weight", True, {"bytes": 16_000_000}, {"bytes": 16_000_001}),
    ("google", "ai_tag", True, {"ai_tagged": True}, {"ai_tagged": False}),
    ("amazon", "minimum_size", True, {"width": 500, "height": 100}, {"width": 499, "height": 499}),
    ("amazon", "zoom", False, {"width": 1000, "height": 10}, {"width": 999, "height": 999}),
    ("amazon", "recommended_size", False, {"width": 10, "height": 1600}, {"width": 1599, "height": 1599}),
    ("amazon", "maximum_size", True, {"width": 10_000}, {"height": 10_001}),
    ("amazon", "fill", True, {"span": 0.84}, {"span": 0.82}),
    ("amazon", "white_background", True, {"ring_white": 1.0}, {"ring_white": 0.9}),
    ("amazon", "text_logo", True, {}, {"new": ("NUEVO", "-20%")}),
    ("amazon", "format", True, {"media_type": "image/gif"}, {"media_type": "image/webp"}),
]


@pytest.mark.parametrize(("market", "rule", "required", "meets", "breaks"), CASES)
def test_a_rule_tells_both_ways_and_says_why(
    market: Market, rule: str, required: bool, meets: dict, breaks: dict
) -> None:
    good, bad = result(market, rule, **meets), result(market, rule, **breaks)
    assert (good.passed, bad.passed) == (True, False)
    assert (good.required, bad.required) == (required, required)
    assert good.source == bad.source != ""
    for one in (good, bad):
        assert one.why.endswith(".") and "{" not in one.why and one.why != NOT_MEASURED


def test_every_rule_has_its_case_and_its_source() -> None:
    assert {(rule.market, rule.code) for rule in RULES} == {case[:2] for case in CASES}
    assert len({(rule.market, rule.code) for rule in RULES}) == len(RULES)
    assert {rule.market for rule in RULES} == set(MARKETS)


def test_the_reason_names_the_figures() -> None:
    assert result("amazon", "fill", span=0.6).why == "El producto ocupa el 60 % del lado. Se pide el 85 % o más."
    assert result("google", "minimum_size", width=300).why == "Mide 300 × 1600 píxeles. Se pide al menos 500 × 500."
    assert result("mercado_libre", "text_logo", new=("OFERTA", "2x1")).why == (
        "Aparece texto que la foto original no tenía: «OFERTA», «2x1»."
    )


def test_a_picture_of_the_house_meets_all_that_is_required_everywhere() -> None:
    results = check(GOOD, ai_tagged=True)
    assert all(summary(results, market) for market in MARKETS)
    assert [one.rule for one in results if not one.passed] == ["fill"]  # Mercado Libre would have 95 %


def test_a_picture_of_a_mercado_libre_recipe_meets_everything_there() -> None:
    results = [one for one in check(replace(GOOD, span=0.95), ai_tagged=True) if one.market == "mercado_libre"]
    assert all(one.passed for one in results)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("text_logo", {"mask_iou": None, "tokens_after": (), "tokens_before": ()}),
        ("weight", {"bytes": None}),
        ("fill", {"span": 0.0}),
        ("minimum_size", {"width": 0}),
        ("zoom", {"width": 0}),
    ],
)
def test_what_was_not_measured_is_not_called_met(rule: str, changed: dict) -> None:
    found = result("mercado_libre", rule, **changed)
    assert not found.passed and found.why == NOT_MEASURED


def test_a_blank_picture_fills_nothing() -> None:
    assert result("amazon", "fill", span=0.0, blank=True).why.startswith("El producto ocupa el 0 %")


def test_only_what_is_required_decides_the_badge() -> None:
    results = check(replace(GOOD, width=700, height=700), ai_tagged=False)
    assert summary(results, "mercado_libre") and summary(results, "amazon")
    assert not summary(results, "google")
