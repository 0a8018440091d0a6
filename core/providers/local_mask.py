"""Draws the product's mask: what the network saw is weighed against the colours of the photo's own background."""

from __future__ import annotations

import numpy as np

from core.pixels import Floats, Mask
from core.providers.local_evidence import FOREIGN, SURE, Evidence
from core.providers.local_shapes import closed, dilated, eroded, filled, opened, parts, touches_border

#: Less than this share of the product tells its colours too badly.
TOLD = 0.15
#: Deviations from the ground from which a product is clearly of other colours.
CLEAR = 7.0
#: What is this many deviations nearer to the ground than to the product is not the product's.
APART = 5.0
#: Cells across the widest bite into an outline that is mended.
NOTCH = 41


def draw(evidence: Evidence) -> Mask:
    """Everything that stands out: the product, and whatever lies around it.

    How much each witness counts was tried out on the demo photos, whose true outlines are known
    (`python -m benchmarks.contact_sheet DIR --truth`).
    """
    clear = float(np.clip((evidence.apart - CLEAR) / 2, 0, 1))
    for_ground = (1.3 * (evidence.foreign - FOREIGN)).clip(-2.6 / evidence.spread, 3.2)
    for_shadow = np.maximum(3 * (evidence.told > TOLD) * _shadow(evidence), 5 * clear * _shaded_ground(evidence))
    # Where colours tell little, the network's certainty counts for more.
    certain = (1 - clear) * ((evidence.least - 0.975) / 0.02).clip(0, 1)
    votes = 3 * (2 * evidence.seen - 1 + certain) + for_ground - for_shadow
    mask = _guided(np.tanh(votes / 2).astype(np.float32), evidence.light) > 0
    mask = closed(_with_attached(mask, evidence.foreign), 3)
    mask = _restored(_without_pinholes(mask, evidence.foreign), evidence)
    return _without_notches(mask & ~holes(mask, evidence), evidence.least)


def _shadow(evidence: Evidence) -> Floats:
    """0–1: a shadow has the colours or the tint of the ground and not the product's, and is darker than the ground around.

    The surer the network is of a product, the darker: the white of a label is as light as a white wall.
    """
    darker = (evidence.shade + 0.15 - 0.7 * evidence.mean) / 0.2
    tinted = evidence.same_tint * ((evidence.own - 1.2) / 1.5).clip(0, 1) * ((SURE - evidence.least) / 0.25).clip(0, 1)
    return np.asarray(np.maximum(evidence.unlike, tinted) * darker.clip(0, 1), np.float32)


def _shaded_ground(evidence: Evidence) -> Floats:
    """0–1: darker than the ground nearby, yet not black, and far less unlike it than a clearly different product is.

    The network takes the hard shadow of a tool for a part of it, and is sure.
    """
    darker = ((evidence.shade - 0.45) / 0.2).clip(0, 1) * ((2.4 - evidence.shade) / 0.4).clip(0, 1)
    return np.asarray(darker * (3.3 - evidence.foreign).clip(0, 1), np.float32)


def holes(mask: Mask, evidence: Evidence) -> Mask:
    """Where the background shows through deep inside: its colours, its light or a shadow on it, its grain."""
    import cv2

    found = np.zeros_like(mask)
    if evidence.told < TOLD / 2:
        return found
    alike = (cv2.blur(evidence.foreign, (3, 3)) < 1.6) & (evidence.own > evidence.foreign + 0.7)
    grain = _grain(evidence.light)
    ground = float(np.median(grain[evidence.ground])) if evidence.ground.any() else 0.0
    for part, area in parts(opened(eroded(filled(mask), 5) & alike, 5), 40):
        foreign, shade, own_grain = (float(np.median(of[part])) for of in (evidence.foreign, evidence.shade, grain))
        lit = -0.15 < shade < 1.22
        grained = 0.57 * ground < own_grain < (5 if own_grain < 0.008 else 3.2) * ground
        # Ground that no shadow falls on looks like the ground around: what looks only nearly so is the product's, if
        # every look is sure of it and its own colours aren't far.
        near = float(np.median(evidence.own[part])) < foreign + APART and float(np.median(evidence.least[part])) > SURE
        if area > 0.008 * mask.sum() and foreign < (0.75 if near and shade < 0.3 else 1.1) and lit and grained:
            found |= dilated(part, 5) & (evidence.foreign < 2.5)
    return found


def _grain(light: Floats) -> Floats:
    """How much the light varies from cell to cell."""
    import cv2

    return np.asarray(cv2.blur(np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.5)), (5, 5)), np.float32)


def _with_attached(mask: Mask, foreign: Floats) -> Mask:
    """With what no look saw but is clearly no background, where it touches the product."""
    near = dilated(mask, 5)
    grown = mask.copy()
    for part, area in parts(opened(foreign > 3, 3) & ~mask, 25):
        if int((part & near).sum()) >= 0.3 * np.sqrt(area) and not touches_border(part):
            grown |= part
    return grown


def _without_pinholes(mask: Mask, foreign: Floats) -> Mask:
    whole = mask.copy()
    for part, _ in parts(filled(mask) & ~mask, 1):
        if np.median(foreign[part]) > 1.3 or not opened(part, 5).any():
            whole |= part
    return whole


def _restored(mask: Mask, evidence: Evidence) -> Mask:
    """Gives back what every look is sure of, where it is small: the white of a label in front of a white wall."""
    area = int(mask.sum())
    restored = mask.copy()
    for part, size in parts((evidence.least > 0.6) & ~mask, 8):
        sure, enclosed = float(evidence.least[part].mean()), float(mask[dilated(part, 3) & ~part].mean())
        if size < 0.035 * area and ((sure > SURE and enclosed > 0.4) or (sure > 0.85 and enclosed > 0.7)):
            restored |= part
    return restored


def _without_notches(mask: Mask, least: Floats) -> Mask:
    """Fills bites into the outline that every look takes for product."""
    whole = mask.copy()
    for part, area in parts(closed(mask, NOTCH) & ~filled(mask), 1):
        if area < 0.02 * mask.sum() and float(least[part].mean()) > 0.93:
            whole |= part
    return whole


def _guided(values: Floats, guide: Floats, radius: int = 4, least: float = 0.002) -> Floats:
    """Smooths `values` along the edges of `guide` (guided filter)."""
    import cv2

    side = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean = cv2.blur(guide, side), cv2.blur(values, side)
    variance = cv2.blur(guide * guide, side) - mean_guide * mean_guide
    slope = (cv2.blur(guide * values, side) - mean_guide * mean) / (variance + least)
    return np.asarray(cv2.blur(slope, side) * guide + cv2.blur(mean - slope * mean_guide, side), np.float32)
