"""Labels are compared by what they say, not by how a reader spells it."""

from __future__ import annotations

import pytest

from core.inspect.labels import (
    altered_numbers,
    changes,
    is_another_word,
    is_row,
    likeness,
    normalised,
    same,
    swapped_digits,
    weighs,
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("TALADRO 220V", "Taladro 220 v"),
        ("Caño señal Ñandú", "CANO SENAL NANDU"),
        ("Broca Ø 13 mm", "Broca ∅13mm"),
        ("Broca Ø 13 mm", "Broca O 13 mm"),
        ('6 x 1 1/4"', "6x11/4"),
        ("400 ml · 250 g", "400 ml·250 9"),
        ("2,5 mm²", "2.5 mm2"),
    ],
)
def test_spelling_and_the_readers_usual_slips_make_no_difference(one: str, two: str) -> None:
    assert same(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [("220V", "22V"), ("220V", "110V"), ("2,5 mm", "25 mm"), ('1/2"', '12"'), ("C20", "C25"), ("1 L", "4 L")],
)
def test_another_number_always_makes_a_difference(one: str, two: str) -> None:
    assert not same(one, two)


def test_the_words_that_differ_are_named_whole() -> None:
    assert changes("Rollo 220V 50 m", "Rollo 22V 50 m") == (("220V", "22V"),)
    assert changes("MURALINA Látex", "MURALTNA Latex") == (("MURALINA", "MURALTNA"),)
    assert changes("6 x 1 1/4", "6x11/4") == ()


def test_numbers_that_every_reading_has_on_one_side_only_have_changed() -> None:
    assert altered_numbers(["220V-11.00(pm 850W", "220 V 8m850w"], ["220V 11.0001 350W", "22OV 03m 350 w"]) == (
        ("850W", "350W"),
    )


def test_a_number_that_one_reading_missed_has_not_changed() -> None:
    assert altered_numbers(["24 h", "2A h"], ["34 h", "34 h"]) == (("", "34"),)
    assert altered_numbers(["24 h", "24 h"], ["24 h", "Z4 h"]) == ()
    assert altered_numbers(["AEROSOL", "AEROSOL"], ["AEROSOL", "AEROSOL"]) == ()


def test_several_numbers_are_paired_by_likeness() -> None:
    text = "220V 600W 3000rpm"
    assert altered_numbers([text, text], ["22V 800W 3000rpm"] * 2) == (("220V", "22V"), ("600W", "800W"))


@pytest.mark.parametrize(
    ("one", "two"), [("LUMENAL", "LUMENALE"), ("aja", "Caja"), ("BRILLANTE", "BRILLANNTE"), ("rornillo", "Tornillo")]
)
def test_a_readers_slip_makes_no_other_word(one: str, two: str) -> None:
    assert not is_another_word(one, two)


def test_another_brand_is_another_word() -> None:
    assert is_another_word("VOLTRA", "FORZA")
    assert is_another_word("VOLTRA", "VOLCAN")


def test_a_speck_weighs_nothing() -> None:
    assert [weighs(text) for text in ("x", "·-", "C2", "ab", "abc")] == [False, False, True, False, True]


def test_a_digit_in_the_place_of_another_shows_in_texts_that_are_otherwise_the_same() -> None:
    assert swapped_digits("400 ml·2509", "400 ml · 280 g") == {("5", "8")}
    assert swapped_digits("400 ml·250 g", "ROJO BRILLANTE") == set()
    assert swapped_digits("24 h", "Z4 h") == set(), "a reader's usual slip"


def test_likeness_is_of_what_is_said() -> None:
    assert likeness("Presión y desagüe", "PRESION Y DESAGUE") == 1
    assert likeness("Presión", "OFERTA") < 0.5
    assert normalised(" · ") == ""


@pytest.mark.parametrize("text", ["000000000", "1000000000", "|||||", "OoOoO", "01111"])
def test_a_row_of_slots_is_no_text(text: str) -> None:
    assert is_row(text)


@pytest.mark.parametrize("text", ["1000", "000", "11000 rpm", "13.300", "100000 h", "IOLO"])
def test_a_number_is_text(text: str) -> None:
    assert not is_row(text)
