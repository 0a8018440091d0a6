"""From figures to a verdict: what is grave, what is only doubtful, and in which words."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from core.inspect.doubts import explain
from core.inspect.report import Finding, Report
from core.inspect.thresholds import THRESHOLDS, Thresholds
from core.inspect.verdict import judge, score


def report(**figures: Any) -> Report:
    good: dict[str, Any] = {
        "ring_white": 1.0, "occupancy": 0.4, "span": 0.88, "width": 1200, "height": 1200, "blank": False,
        "identical": False, "mask_iou": 0.95, "aspect": 1.0, "colour": 0.98, "hue": 1.0, "keypoints": 300,
        "inliers": 0.4, "matched": "keypoints", "fit": 120.0, "stretch": 1.01, "mirrored": 0.0, "structure": 0.9,
        "altered": 0.001, "recoloured": 0.0, "missing": 0.0, "added": 0.0, "halo": 0.1,
    }  # fmt: skip
    return Report(**{**good, **figures})


def codes(**figures: Any) -> tuple[str, ...]:
    return judge(report(**figures)).doubts


def test_a_picture_like_its_source_is_good() -> None:
    judged = judge(report())
    assert (judged.verdict, judged.findings) == ("good", ())


@pytest.mark.parametrize(
    ("figures", "code", "verdict"),
    [
        ({"changed": (("220V", "22V"),)}, "digits_changed", "bad"),
        ({"changed": (("MURALINA", "MURALTNA"),)}, "text_changed", "bad"),
        ({"new": ("OFERTA",)}, "text_added", "bad"),
        ({"lost": ("Presión",)}, "text_lost", "doubtful"),
        ({"smudged": 0.2}, "text_unlike", "doubtful"),
        ({"mirrored": 2.0}, "mirrored", "bad"),
        ({"stretch": 1.4}, "stretched", "bad"),
        ({"colour": 0.1}, "colour_changed", "bad"),
        ({"hue": 40.0}, "colour_changed", "bad"),
        ({"missing": 0.4}, "part_missing", "bad"),
        ({"beside": 0.5}, "part_missing", "bad"),
        ({"added": 0.4}, "part_added", "doubtful"),
        ({"altered": 0.4}, "drawing_changed", "doubtful"),
        ({"recoloured": 0.4}, "part_recoloured", "doubtful"),
        ({"halo": 0.95}, "halo", "doubtful"),
        ({"ring_white": 0.5, "edge": "background_left"}, "background_left", "doubtful"),
        ({"span": 0.2}, "product_small", "doubtful"),
        ({"blank": True}, "blank", "bad"),
        ({"identical": True}, "identical", "bad"),
        ({"matched": None, "stretch": None}, "uncompared", "doubtful"),
        ({"matched": "outline", "fit": 0.4}, "uncompared", "doubtful"),
        ({"touching": 0.5}, "several_objects", "doubtful"),
        ({"matched": None, "colour": 0.1, "mask_iou": 0.2}, "other_product", "bad"),
    ],
)
def test_each_figure_out_of_bounds_is_a_finding(figures: dict[str, Any], code: str, verdict: str) -> None:
    judged = judge(report(**figures))
    assert code in judged.doubts
    assert judged.verdict == verdict


def test_the_label_says_what_it_said_before_and_digits_come_first() -> None:
    judged = judge(report(changed=(("Rojo", "Roio"), ("220V", "22V")), halo=1.0))
    assert [explain(one) for one in judged.findings[:2]] == [
        "La etiqueta decía 220V y ahora dice 22V.",
        "La etiqueta decía Rojo y ahora dice Roio.",
    ]


def test_a_long_text_is_cut_short_with_its_numbers_kept() -> None:
    words = tuple(f"palabra{letter}" for letter in "abcdefghij")
    (finding,) = judge(report(new=(*words, "750W"))).findings
    assert finding.params["text"].startswith("750W, ")
    assert len(finding.params["text"]) <= 60


def test_what_the_editor_doubted_is_kept_and_said_once() -> None:
    judged = judge(report(ring_white=0.1, edge="background_left"), ("low_confidence", "background_left"))
    assert judged.doubts == ("background_left", "low_confidence")
    assert judged.verdict == "doubtful"


def test_a_basic_report_is_judged_by_the_frame_alone() -> None:
    basic = Report(
        ring_white=1.0, occupancy=0.4, span=0.9, width=1200, height=1200, blank=False, identical=False
    )  # fmt: skip
    assert judge(basic).verdict == "good"


def test_another_product_is_not_said_of_one_found_again_by_its_drawing() -> None:
    assert "other_product" not in codes(mask_iou=0.1, structure=0.1)


@pytest.mark.parametrize("found", [{"matched": None, "fit": None}, {"matched": "outline", "fit": 0.3}])
def test_a_bare_washer_in_its_own_colours_is_no_other_product_whatever_the_network_saw_of_it(
    found: dict[str, Any],
) -> None:
    judged = judge(report(**found, keypoints=6, mask_iou=0.3, structure=0.2, colour=0.9))
    assert (judged.doubts, judged.verdict) == (("uncompared",), "doubtful")


def test_a_better_picture_scores_higher() -> None:
    good, doubtful, bad = (judge(report(**figures)) for figures in ({}, {"halo": 1.0}, {"mirrored": 9.0}))
    blurred = judge(report(structure=0.7))
    assert score(good) > score(blurred) > score(doubtful) > score(bad)


def test_a_stricter_threshold_never_finds_less() -> None:
    strict = Thresholds(
        **{
            field.name: value * (1.1 if field.name.startswith("least") else 0.9)
            for field in fields(THRESHOLDS)
            if (value := getattr(THRESHOLDS, field.name)) is not None
        }
    )
    for figures in ({}, {"halo": 0.7}, {"altered": 0.1}, {"stretch": 1.5}):
        assert set(judge(report(**figures)).doubts) <= set(judge(report(**figures), limits=strict).doubts)


def test_a_report_is_kept_as_json_and_read_back_whole() -> None:
    judged = judge(report(changed=(("220V", "22V"),), tokens_before=("220V",)), ("dark_source",))
    kept = json.loads(json.dumps(judged.to_json()))
    assert (kept["verdict"], kept["doubts"]) == ("bad", ["digits_changed", "dark_source"])
    assert Report.from_json(kept) == judged


def test_a_row_of_another_version_is_read_as_far_as_it_goes() -> None:
    old = {"ring_white": 1.0, "occupancy": 0.3, "doubts": ["dark_source"], "model": "x", "future": [1]}
    read = Report.from_json(old)
    assert (read.ring_white, read.mask_iou, read.changed) == (1.0, None, ())
    assert (read.findings, read.verdict) == ((Finding("dark_source"),), "doubtful")
    assert replace(read, findings=()).verdict == "good"
