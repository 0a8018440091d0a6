"""The one place that says how far a picture may differ from its source before a person looks at it.

Each was set by hand between the worst figures of good pairs of the labelled set in `tests/fixtures` and the mildest of the
broken ones that it is there to catch, mostly of half a (`python -m tests.fixtures.calibrate --kept F` shows both halves).
Staff verdicts tell when one of them is wrong; nothing in the program loosens them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """`least_…`: a finding when the figure is under it. `most_…`: when it is over it. Units: those of `Report`."""

    least_ring_white: float = 0.98
    least_span: float = 0.5
    least_side: int = 800

    least_iou: float = 0.55
    least_colour: float = 0.60
    most_hue: float = 12.0
    least_fit: float = 0.5
    most_stretch: float = 1.16
    most_mirrored: float = 1.15
    least_structure: float = 0.50
    most_rethreaded: float = 0.17
    most_altered: float = 0.025
    most_recoloured: float = 0.05
    most_missing: float = 0.03
    most_beside: float = 0.095
    most_touching: float = 0.2
    most_added: float = 0.01
    most_halo: float = 0.67
    least_lettering: float = 0.55


THRESHOLDS = Thresholds()
