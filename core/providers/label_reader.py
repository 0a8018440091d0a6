"""Reads the text on a product, offline: rapidocr with the models its wheel carries, on this machine's CPU."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.pixels import Pixels

if TYPE_CHECKING:
    from rapidocr import RapidOCR

Corners = npt.NDArray[np.float32]  #: (4, 2), x and y


class LabelReader:
    """Thread safe. The models (about 200 MB of memory) are loaded with the first picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: RapidOCR | None = None

    def find(self, pixels: Pixels) -> list[Corners]:
        """Where text stands in an RGB picture (h, w, 3): corners in pixels, clockwise from the text's own top left."""
        with self._lock:
            found = self._loaded()(_bgr(pixels), use_det=True, use_cls=False, use_rec=False)
        return [] if found.boxes is None else [np.asarray(corners, np.float32) for corners in found.boxes]

    def read(self, patches: Sequence[Pixels]) -> list[tuple[str, float]]:
        """The text of each patch (h, w, 3), which shows one upright line, and how sure that is, 0–1."""
        with self._lock:
            engine = self._loaded()
            answers = [engine(_bgr(patch), use_det=False, use_cls=False, use_rec=True) for patch in patches]
        return [(str(one.txts[0]), float(one.scores[0])) if one.txts and one.scores else ("", 0.0) for one in answers]

    def _loaded(self) -> RapidOCR:
        if self._engine is None:
            # Here, not above: a basic inspection is spared the models.
            from rapidocr import RapidOCR

            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            self._engine = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "Global.use_cls": False,
                    "Global.text_score": 0.3,
                    # Lettering bent around a can scores low; what isn't lettering doesn't read the same twice.
                    "Det.box_thresh": 0.3,
                    "Det.limit_type": "max",
                    "Det.limit_side_len": 960,
                    # Most lines are short: no need to pad each to 320 pixels.
                    "Rec.rec_img_shape": [3, 48, 160],
                    # Its idle threads would spin, and cost the neighbours more than they gain.
                    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
        return self._engine


def _bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[..., ::-1])
