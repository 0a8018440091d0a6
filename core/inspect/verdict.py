"""From figures to findings: what a person should know before a picture reaches the shop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.inspect.labels import has_digit
from core.inspect.report import Finding, Report
from core.inspect.thresholds import THRESHOLDS, Thresholds

#: A token in a sentence, capped: a label's whole small print would hide what matters.
MOST_QUOTED = 60


def judge(report: Report, doubts: Iterable[str] = (), limits: Thresholds = THRESHOLDS) -> Report:
    """`report` with its findings, gravest first. `doubts`: codes that the decoder and the editor gave."""
    found = [*_of_text(report, limits), *_of_product(report, limits), *_of_frame(report, limits)]
    found += [Finding(code) for code in doubts]
    unique = {(one.code, *sorted(one.params.items())): one for one in found}
    return replace(report, findings=tuple(unique.values()))


def score(report: Report) -> tuple[int, int, float]:
    """How good a picture is, to choose between two of the same article; higher is better."""
    rank = {"bad": 0, "doubtful": 1, "good": 2}[report.verdict]
    likeness = (report.structure or 0.0) + (report.colour or 0.0) + (report.mask_iou or 0.0)
    return rank, -len(report.findings), likeness


def _of_frame(report: Report, limits: Thresholds) -> Iterator[Finding]:
    if report.blank:
        yield Finding("blank")
        return
    if report.identical:
        yield Finding("identical")
    if report.span < limits.least_span:
        yield Finding("product_small")
    if report.width != report.height:
        yield Finding("not_square")
    if min(report.width, report.height) < limits.least_side:
        yield Finding("low_resolution")
    if report.ring_white < limits.least_ring_white:
        yield Finding(report.edge or "not_white")
    if _over(report.halo, limits.most_halo):
        yield Finding("halo")


def _of_product(report: Report, limits: Thresholds) -> Iterator[Finding]:
    if report.mask_iou is None:
        return
    if _over(report.mirrored, limits.most_mirrored):
        yield Finding("mirrored")
        return
    if report.matched != "keypoints" and _another(report, limits):
        yield Finding("other_product")
        return
    if unplaced(report.matched, report.fit, limits):
        yield Finding("uncompared")
        return
    checks = {
        "stretched": _over(report.stretch, limits.most_stretch),
        "colour_changed": _under(report.colour, limits.least_colour) or _over(report.hue, limits.most_hue),
        "part_missing": _over(report.missing, limits.most_missing) or _over(report.beside, limits.most_beside),
        "several_objects": _over(report.touching, limits.most_touching),
        "part_added": _over(report.added, limits.most_added),
        "drawing_changed": _over(report.altered, limits.most_altered)
        or _under(report.structure, limits.least_structure),
        "thread_changed": _over(report.rethreaded, limits.most_rethreaded),
        "part_recoloured": _over(report.recoloured, limits.most_recoloured),
    }
    for code, is_so in checks.items():
        if is_so:
            yield Finding(code)


def unplaced(matched: str | None, fit: float | None, limits: Thresholds = THRESHOLDS) -> bool:
    """Whether nobody knows what of the picture is what of the photo."""
    return matched is None or (matched != "keypoints" and _under(fit, limits.least_fit))


def _another(report: Report, limits: Thresholds) -> bool:
    """Other colours, and another place, outline or drawing.

    Without other colours it may be the same thing all the same: a washer has no drawing to be found again by, and the
    network may see half a bright ring.
    """
    colours = _under(report.colour, limits.least_colour) or _over(report.hue, limits.most_hue)
    return colours and (
        unplaced(report.matched, report.fit, limits)
        or _under(report.mask_iou, limits.least_iou)
        or _under(report.structure, limits.least_structure)
    )


def _of_text(report: Report, limits: Thresholds) -> Iterator[Finding]:
    """Digits first: a wrong voltage does more harm than a wrong word."""
    for before, after in sorted(report.changed, key=lambda pair: not has_digit(*pair)):
        code = "digits_changed" if has_digit(before, after) else "text_changed"
        yield Finding(code, {"before": before[:MOST_QUOTED], "after": after[:MOST_QUOTED]})
    if report.new:
        yield Finding("text_added", {"text": _quoted(report.new)})
    if report.lost:
        yield Finding("text_lost", {"text": _quoted(report.lost)})
    if not report.changed and _under(report.smudged, limits.least_lettering):
        yield Finding("text_unlike")


def _quoted(tokens: tuple[str, ...]) -> str:
    text = ", ".join(sorted(tokens, key=lambda token: not has_digit(token)))
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "…"


def _over(figure: float | None, limit: float) -> bool:
    return figure is not None and figure > limit


def _under(figure: float | None, limit: float) -> bool:
    return figure is not None and figure < limit
