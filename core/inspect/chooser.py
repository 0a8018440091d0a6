"""Inspects what an editor made, and where a recipe asks for it also its faithful variants; gives back the best."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image

from core.inspect import composite, verdict
from core.inspect.alignment import scaled
from core.inspect.framing import Framing
from core.inspect.inspector import Comparison, Seen
from core.inspect.jpeg import Used
from core.inspect.report import Report
from core.inspect.view import KEYPOINT_SIDE, reduced
from core.pixels import Network
from core.providers.label_reader import LabelReader
from core.providers.local_compose import compose
from core.providers.local_cutout import Cutout, cut_out
from core.providers.u2net import Loader, find_weights

Chosen = tuple[Image.Image, Report, Used]

#: Likeness to the source that two pictures may differ by and still be as good, 0–3.
AS_GOOD = 0.05


class Inspector:
    """Holds the networks, which are loaded with the first picture. One per child process."""

    def __init__(self) -> None:
        self._network, self._reader = Loader(find_weights()), LabelReader()
        self._last: tuple[bytes, Comparison] | None = None
        cv2.setNumThreads(2)

    def choose(
        self, source: Image.Image, made: Image.Image, frame_as: Framing, doubts: Sequence[str], *, faithful: bool
    ) -> Chosen:
        """Both RGB; `made` is framed. `faithful`: a composite or a cut-out may take its place. Raises MemoryError, or
        RuntimeError when there is no network to look with.
        """
        with _memory_errors():
            network = self._network.get()
            if network is None:
                raise RuntimeError(self._network.missing)
            comparison = self._comparison(source, network)
            report, seen = comparison.inspect(made, doubts)
            if not faithful:
                return made, report, "made"
            return _best(comparison, network, (made, report, "made"), seen, frame_as, doubts)

    def _comparison(self, source: Image.Image, network: Network) -> Comparison:
        """What is known of a source serves its next picture as well: a trial or a redo asks for several in a row."""
        digest = hashlib.sha256(source.tobytes()).digest()
        if self._last is None or self._last[0] != digest:
            self._last = None
            self._last = digest, Comparison(source, network, self._reader)
        return self._last[1]


@contextmanager
def _memory_errors() -> Iterator[None]:
    """The child's limit is met as MemoryError, whichever library meets it."""
    try:
        yield
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise
    except RuntimeError as error:  # onnxruntime's own are its subclasses
        if "alloc" in str(error):
            raise MemoryError from error
        raise


def _best(
    comparison: Comparison, network: Network, made: Chosen, seen: Seen | None, frame_as: Framing, doubts: Sequence[str]
) -> Chosen:
    source, picture = comparison.source, made[0]
    cut = cut_out(source, network)
    if cut.alpha is None:
        return made
    known = (*doubts, *cut.doubts)
    plain = compose(source, cut, picture.width, frame_as.fill)
    rivals: list[Chosen] = [made, (plain, comparison.inspect(plain, known)[0], "cutout")]
    if seen is not None and seen.placed is not None:
        pasted = _pasted(source, cut, picture, seen)
        mixed: Chosen = (pasted, comparison.inspect(pasted, known)[0], "composite")
        if all(_as_good(mixed[1], rival[1]) for rival in rivals):
            return mixed
    return max(rivals, key=lambda rival: verdict.score(rival[1]))


def _pasted(source: Image.Image, cut: Cutout, picture: Image.Image, seen: Seen) -> Image.Image:
    assert seen.placed is not None
    mask = np.asarray(cv2.resize(seen.mask, picture.size, interpolation=cv2.INTER_LINEAR), np.float32)
    small = reduced(source, KEYPOINT_SIDE)
    movement = scaled(seen.placed.map, picture.width / seen.view.small.width, source.width / small.width)
    return composite.paste(source, cut, picture, mask, movement)


def _as_good(mixed: Report, rival: Report) -> bool:
    """No graver, no more findings, and no less like the source than a hair."""
    (rank, findings, likeness), other = verdict.score(mixed), verdict.score(rival)
    return (rank, findings) >= other[:2] and likeness >= other[2] - AS_GOOD
