"""Mercado Libre's own opinion of a picture, before it is published there: white ground, size, text or logo, watermark.

Optional: the rules of `core.inspect.marketplace` need no account. One picture a call; there is no bulk mode.
Source: developers.mercadolibre.com.ar/es_ar/diagnostico-de-imagenes (14 Jul 2025).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import urllib3

from core.errors import Permanent, Retryable, ServiceTrouble

BASE_URL = "https://api.mercadolibre.com"
TIMEOUT = 30.0  # seconds: they download the picture and look at it
#: Seconds to wait when they ask for a pause without saying how long.
RATE_PAUSE = 60.0
DETAIL_LENGTH = 300

PictureType = Literal["thumbnail", "variation_thumbnail", "other"]


class MarketplaceRefuses(Permanent):
    code = "marketplace_refuses"
    message = "Mercado Libre no aceptó la clave. Un administrador debe renovar MERCADO_LIBRE_TOKEN."


class MarketplaceBusy(Retryable):
    """`wait`: seconds that they ask for."""

    code = "marketplace_busy"
    message = "Mercado Libre pidió ir más despacio. Vuelva a consultar en {seconds} segundos."

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__(seconds=round(wait))


class MarketplaceUnreachable(ServiceTrouble):
    service = "mercado_libre"
    code = "marketplace_unreachable"
    message = "Mercado Libre no respondió o falló. La imagen no cambió; consulte de nuevo más tarde."


class PictureNotDiagnosed(Permanent):
    code = "picture_not_diagnosed"
    message = "Mercado Libre no pudo revisar la imagen ({detail}). Compruebe la categoría y que la imagen sea pública."


@dataclass(frozen=True)
class Detection:
    """One thing they would moderate."""

    name: str  #: `white_background` | `minimum_size` | `text_logo` | `watermark`, or a newer one
    wordings: tuple[str, ...]  #: their own words to the seller, in the language of the category's country


@dataclass(frozen=True)
class Diagnosis:
    detections: tuple[Detection, ...]

    @property
    def clean(self) -> bool:
        return not self.detections


class MercadoLibre:
    """Thread-safe. `token`: an OAuth access token of the seller's application."""

    def __init__(self, token: str, *, base_url: str = BASE_URL, timeout: float = TIMEOUT) -> None:
        self._url = f"{base_url.rstrip('/')}/moderations/pictures/diagnostic"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout

    def diagnose(
        self, picture: str | bytes, category_id: str, title: str, picture_type: PictureType = "thumbnail"
    ) -> Diagnosis:
        """`picture`: a public address, or the bytes of one that isn't public; `category_id`: theirs, like `MLA1346`.

        Raises MarketplaceBusy, MarketplaceRefuses, MarketplaceUnreachable or PictureNotDiagnosed.
        """
        sent = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
        question = {
            "picture_url": sent,
            "context": {"category_id": category_id, "title": title, "picture_type": picture_type},
        }
        try:
            answer = urllib3.request(
                "POST",
                self._url,
                json=question,
                headers=self._headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,  # the token goes nowhere else
            )
        except urllib3.exceptions.HTTPError as error:
            raise MarketplaceUnreachable(detail=str(error)[:DETAIL_LENGTH]) from error
        if answer.status != 200:
            raise _refusal(answer)
        return _diagnosis(answer.data, picture_type)


def _refusal(answer: urllib3.BaseHTTPResponse) -> Permanent | Retryable:
    if answer.status in (401, 403):
        return MarketplaceRefuses()
    if answer.status == 429:
        seconds = answer.headers.get("retry-after", "")
        return MarketplaceBusy(float(seconds) if seconds.isascii() and seconds.isdigit() else RATE_PAUSE)
    if answer.status in (400, 404, 413, 422):
        return PictureNotDiagnosed(detail=_said(answer.data) or answer.status)
    return MarketplaceUnreachable(detail=f"HTTP {answer.status}")


def _said(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("message", ""))[:DETAIL_LENGTH] if isinstance(said, Mapping) else ""


def _diagnosis(body: bytes, picture_type: PictureType) -> Diagnosis:
    """What they answer for other types of picture than the one asked about is left out."""
    try:
        found = json.loads(body)["diagnostics"]
        about = [entry for entry in found if entry.get("picture_type", picture_type) == picture_type]
        return Diagnosis(tuple(_detections(about)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MarketplaceUnreachable(detail="an answer that can't be read") from error


def _detections(entries: list[Mapping[str, Any]]) -> Iterator[Detection]:
    for entry in entries:
        for detection in entry.get("detections") or ():
            # Their page calls the field `name`; some answers seen by integrators have `kind`.
            wordings = (wording.get("value") for wording in detection.get("wordings") or ())
            yield Detection(
                str(detection.get("name") or detection["kind"]), tuple(str(words) for words in wordings if words)
            )
