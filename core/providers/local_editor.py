"""The editor that needs no account: U²-Netp on this machine's CPU.

It costs nothing, yet goes through the same two steps as the paid one: `buy` returns a PNG that carries its own doubts,
`read` takes them out again.
"""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from decimal import Decimal
from pathlib import Path

from PIL import Image, PngImagePlugin

from core.errors import Permanent
from core.pixels import Network
from core.providers.local_compose import compose, tidy
from core.providers.local_cutout import Cutout, cut_out
from core.providers.ports import Edit, EditRequest, RawAnswer
from core.providers.u2net import Loader

log = logging.getLogger(__name__)

#: Of how it cuts out and composes: raised whenever the same photo gives another picture.
VERSION = 5
MAX_SIDE = 2048
#: Key of the text chunk in which the PNG carries what `read` needs.
CHUNK = "revelado"


class UnreadableAnswer(Permanent):
    code = "unreadable_answer"
    message = "El resultado guardado del editor local está dañado. Vuelva a procesar el artículo."


class UnreadableSource(Permanent):
    code = "unreadable_source"
    message = "El editor local no pudo leer la foto. Vuelva a cargarla."


class LocalEditor:
    """An `Editor`. Without the right weights it only tidies, and says so in every picture's doubts."""

    name = "local"
    model = "u2netp"

    def __init__(self, weights_path: Path | None) -> None:
        self._loader = Loader(weights_path)
        # With sixteen articles in flight, sixteen photos cut out at once would only take each other's memory and cores.
        self._benches = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._said = False

    @property
    def options(self) -> str:
        """The version of how it cuts out and composes; without the network it makes another picture."""
        return f"{VERSION}:{'network' if self._ready() else 'tidy'}"

    def check(self) -> None:
        """Never refuses: it logs when the weights are missing or others than expected."""
        self._ready()

    def buy(self, request: EditRequest) -> RawAnswer:
        """Raises UnreadableSource. No more at once than there are processors; the others wait their turn."""
        with self._benches:
            return self._make(request)

    def _make(self, request: EditRequest) -> RawAnswer:
        try:
            with Image.open(io.BytesIO(request.image), formats=["JPEG", "PNG"]) as opened:
                opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
                image = opened.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise UnreadableSource from error
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        network = self._ready()
        cutout = Cutout(None, (0, 0, *image.size), 0.0, ("no_cutout",))
        if network is not None:
            cutout = cut_out(image, network)
        hopeless = cutout.alpha is None
        size, fill, shadow = request.size, request.fill, request.shadow
        picture = tidy(image, size) if hopeless else compose(image, cutout, size, fill, shadow)
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

    def _ready(self) -> Network | None:
        """None without weights, which is said once."""
        network = self._loader.get()
        if network is None and not self._said:
            self._said = True
            log.warning("El editor local no recorta, solo acomoda las fotos: %s", self._loader.missing)
        return network


def _pack(picture: Image.Image, cutout: Cutout) -> bytes:
    facts = {"doubts": list(cutout.doubts), "agreement": round(cutout.agreement, 4)}
    info = PngImagePlugin.PngInfo()
    info.add_text(CHUNK, json.dumps(facts))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4, pnginfo=info)
    return out.getvalue()
