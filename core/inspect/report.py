"""What an inspection found: figures for the record, findings for the person who looks, one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from core.inspect.doubts import SERIOUS

Verdict = Literal["good", "doubtful", "bad"]


@dataclass(frozen=True)
class Finding:
    """A reason to look. `code` is explained by `core.inspect.doubts`; `params` are the data its sentence names."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """Shares go from 0 to 1. None: not measured, or the pictures gave nothing to measure it by."""

    ring_white: float  #: share of a frame 2 % wide whose darkest channel is at least 245
    occupancy: float  #: share of the picture that isn't background
    span: float  #: longer side of the product's box, as a share of the picture's
    width: int
    height: int
    blank: bool
    identical: bool  #: only the source put in its square
    edge: str | None = None  #: why the frame isn't white: a code of `doubts`

    mask_iou: float | None = None  #: of the two products laid over each other
    aspect: float | None = None  #: width ÷ height of the product's box, after ÷ before
    colour: float | None = None  #: correlation of the products' colour histograms
    hue: float | None = None  #: how far the product's mean colour moved, in Lab units
    keypoints: int | None = None  #: inside the source's product
    inliers: float | None = None  #: share of them found again, all moved alike
    matched: str | None = (
        None  #: how the two were laid over each other: `keypoints` | `outline` | `silhouette`; None: they couldn't be
    )
    fit: float | None = None  #: matches that agree, or correlation of edges or silhouettes where there are too few
    stretch: float | None = None  #: longer ÷ shorter axis of what a circle became
    mirrored: float | None = None  #: how much better the mirrored picture fits; above 1 it does
    structure: float | None = None  #: likeness of the inner drawing, where there is any
    rethreaded: float | None = None  #: share of its repeated patterns that repeat at another pitch
    altered: float | None = None  #: largest patch whose drawing differs, as a share of the product
    recoloured: float | None = None  #: largest patch whose colour differs, as a share of the product
    missing: float | None = None  #: largest part of the source's product that is gone, as a share of it
    beside: float | None = None  #: largest thing in the photo like the product but not in the picture, as a share of it
    touching: float | None = None  #: largest thing that touches the product in the photo and is gone, as a share of it
    added: float | None = None  #: what is drawn outside the source's product, as a share of it
    halo: float | None = None  #: how much more of one colour its rim is than what lies within
    pieces_before: int | None = None
    pieces_after: int | None = None

    tokens_before: tuple[str, ...] = ()
    tokens_after: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    smudged: float | None = None  #: likeness of the least alike piece of lettering

    bytes: int | None = None
    seconds: float | None = None
    peak_megabytes: float | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def doubts(self) -> tuple[str, ...]:
        """The findings' codes, each once: what readers of older rows know."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings))

    @property
    def verdict(self) -> Verdict:
        if any(finding.code in SERIOUS for finding in self.findings):
            return "bad"
        return "doubtful" if self.findings else "good"

    def to_json(self) -> dict[str, Any]:
        """Ready for a `jsonb` column; `from_json` reads it back."""
        return {**asdict(self), "doubts": list(self.doubts), "verdict": self.verdict}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """Of a row of any age: unknown keys are ignored, missing figures are None.

        A row from before there were findings has `doubts` only, which become findings.
        """
        names = {one.name for one in fields(cls)} - {"findings"}
        values: dict[str, Any] = {name: _hardened(value) for name, value in data.items() if name in names}
        for name in ("lost", "new", "changed", "tokens_before", "tokens_after"):
            values[name] = values.get(name) or ()
        nothing: dict[str, Any] = {
            "ring_white": 0.0,
            "occupancy": 0.0,
            "span": 0.0,
            "width": 0,
            "height": 0,
            "blank": False,
        }
        return cls(**{**nothing, "identical": False, **values, "findings": _findings(data)})


def _findings(data: Mapping[str, Any]) -> tuple[Finding, ...]:
    kept: Iterable[Any] | None = data.get("findings")
    if kept is None:
        return tuple(Finding(str(code)) for code in data.get("doubts") or ())
    return tuple(Finding(str(one["code"]), dict(one.get("params") or {})) for one in kept)


def _hardened(value: object) -> object:
    """JSON's lists as the tuples they were."""
    return tuple(_hardened(one) for one in value) if isinstance(value, list | tuple) else value
