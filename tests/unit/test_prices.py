"""The price table and the cost of an answer, against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.config import DEFAULT_GEMINI_MODEL
from core.money.prices import DEFAULT_MODEL, MODELS, cost_from_usage, find, price_of

USAGE = {
    "promptTokenCount": 271,
    "candidatesTokenCount": 1290,
    "totalTokenCount": 1561,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
    "thoughtsTokenCount": 0,
}


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gemini-nano-banana-2.1", "0.0336"),
        ("gemini-3.1-flash-lite-image", "0.0336"),
        ("gemini-2.5-flash-image", "0.0387"),
        ("gemini-3.1-flash-image", "0.0672"),
        ("gemini-3-pro-image", "0.1344"),
    ],
)
def test_a_1k_picture_costs_what_the_list_says(model, price):
    assert price_of(model) == Decimal(price)


def test_every_model_of_the_table_is_tested_above_and_dated():
    assert len(MODELS) == 5
    assert all(row.as_of.year >= 2026 and row.state for row in MODELS)


def test_exactly_one_model_is_recommended_and_the_settings_default_to_it():
    assert [row.id for row in MODELS if row.recommended] == [DEFAULT_MODEL] == [DEFAULT_GEMINI_MODEL]


def test_an_unknown_model_has_no_price():
    assert price_of("gemini-9-image") is None
    assert price_of("") is None


def test_a_versioned_name_is_its_family():
    assert find("gemini-3-pro-image-001") is find("models/gemini-3-pro-image")
    assert find("gemini-3-pro-imagery") is None


def test_the_cost_of_an_answer_adds_picture_and_prompt():
    # 1290 · 30 + 271 · 0.30 = 38 781.3 per million
    assert cost_from_usage("gemini-2.5-flash-image", USAGE) == Decimal("0.038781")


def test_text_and_thoughts_are_charged_as_text():
    usage = {
        "promptTokenCount": 1400,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}, {"modality": "TEXT", "tokenCount": 40}],
        "thoughtsTokenCount": 200,
    }
    # 1120 · 30 + 240 · 7.50 + 1400 · 1.50 = 37 500 per million
    assert cost_from_usage("gemini-nano-banana-2.1", usage) == Decimal("0.037500")


@pytest.mark.parametrize("details", [{}, {"candidatesTokensDetails": None}, {"candidatesTokensDetails": []}])
def test_without_details_the_table_says_how_many_tokens_a_picture_is(details):
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 1130, **details}
    # 1120 · 30 + 10 · 7.50 + 1000 · 1.50
    assert cost_from_usage("gemini-nano-banana-2.1", usage) == Decimal("0.035175")


def test_an_answer_without_usage_costs_the_price_of_its_picture():
    assert cost_from_usage("gemini-nano-banana-2.1", {}) == Decimal("0.033600")


def test_an_answer_in_words_costs_its_words():
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 20}
    # 20 · 7.50 + 1000 · 1.50
    assert cost_from_usage("gemini-nano-banana-2.1", usage, picture=False) == Decimal("0.001650")


def test_an_unknown_model_is_charged_as_the_dearest():
    assert cost_from_usage("gemini-9-image", USAGE) == cost_from_usage("gemini-3-pro-image", USAGE)
    assert cost_from_usage("gemini-9-image", {}) == Decimal("0.134400")


def test_nonsense_in_the_usage_counts_as_nothing():
    usage = {"promptTokenCount": None, "thoughtsTokenCount": -5, "candidatesTokensDetails": ["x", {"tokenCount": "9"}]}
    assert cost_from_usage("gemini-nano-banana-2.1", usage) == Decimal("0.033600")


def test_money_has_six_decimals():
    assert cost_from_usage("gemini-nano-banana-2.1", USAGE).as_tuple().exponent == -6
