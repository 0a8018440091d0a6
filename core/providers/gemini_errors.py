"""What went wrong between us and Gemini, told apart by what the queue must do next."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import httpx2
from google.genai.errors import APIError

from core.errors import Ambiguous, DayQuotaSpent, JobError, PausesQueue, Permanent, Retryable, ServiceTrouble, SlowDown
from core.providers.gemini_models import MODELS

DETAIL_LENGTH = 300  # characters of Google's own words kept beside an error
HINT_LENGTH = 60  # … and of those shown inside a message
DEFAULT_WAIT = 60.0  # seconds, when Google says "too many" but not how long to wait


class Unreachable(ServiceTrouble):
    service = "gemini"
    code = "gemini_unreachable"
    message = (
        "No se pudo conectar con Google. No se cobró. Se intentará otra vez; si sigue, revise la conexión a Internet."
    )


class Overloaded(ServiceTrouble):
    service = "gemini"
    code = "gemini_overloaded"
    message = "El servicio de Google está sobrecargado o falló. No se cobró. Se intentará otra vez en unos minutos."


class Unexpected(Retryable):
    code = "gemini_unexpected"
    message = (
        "Google dio una respuesta que no conocemos ({status}). No se cobró. Si se repite, avise a un administrador."
    )


class PhotoRejected(Permanent):
    code = "gemini_photo"
    message = "Google no pudo usar esta foto. No se cobró. Pruebe con otra foto del artículo."


class Unanswered(Ambiguous):
    service = "gemini"
    code = "gemini_unanswered"
    message = (
        "La respuesta de Google no llegó entera, así que esta foto pudo haberse cobrado. "
        "Compruebe el gasto en Google y, si quiere, reintente."
    )


class RateLimited(SlowDown):
    code = "gemini_busy"
    message = "Google pidió ir más despacio. No se cobró. La cola sigue sola en {wait} s."


class DayLimit(DayQuotaSpent):
    code = "gemini_day_limit"
    message = (
        "Se llegó al límite diario de Google. No se cobró. La cola sigue sola después de la medianoche de California."
    )


class NoCredit(PausesQueue):
    code = "gemini_credit"
    message = (
        "La cuenta de Google no tiene saldo o llegó a su tope de gasto. Esta foto no se cobró. "
        "Un administrador debe revisar la facturación y reanudar la cola."
    )


class BadKey(PausesQueue):
    code = "gemini_key"
    message = "Google rechazó la clave. No se cobró. Un administrador debe revisar GEMINI_API_KEY y reanudar la cola."


class ModelGone(PausesQueue):
    code = "gemini_model"
    message = (
        "Google no ofrece el modelo {model}. No se cobró. "
        "Un administrador debe poner otro en GEMINI_MODEL, por ejemplo {instead}, y reanudar la cola."
    )


class BadSetup(PausesQueue):
    code = "gemini_setup"
    message = "Google no acepta cómo se hace el pedido ({hint}). No se cobró. Avise a un administrador; la cola espera."


#: Google's `ErrorInfo.reason`, the only part of an error that is documented.
REASONS: dict[str, type[PausesQueue]] = {
    "API_KEY_INVALID": BadKey,
    "API_KEY_EXPIRED": BadKey,
    "API_KEY_SERVICE_BLOCKED": BadKey,
    "API_KEY_HTTP_REFERRER_BLOCKED": BadKey,
    "API_KEY_IP_ADDRESS_BLOCKED": BadKey,
    "CONSUMER_INVALID": BadKey,
    "CONSUMER_SUSPENDED": BadKey,
    "SERVICE_DISABLED": BadKey,
    "BILLING_DISABLED": NoCredit,
}

#: Undocumented texts, matched in lower case: (status, text, class). The first that matches decides.
TEXTS: tuple[tuple[int, str, type[PausesQueue]], ...] = (
    (429, r"spending cap", NoCredit),
    (429, r"credits are depleted", NoCredit),
    (429, r"limit: 0\b(?!\.)", NoCredit),
    (400, r"api key (not valid|expired|not found)", BadKey),
    (400, r"unexpected model name", ModelGone),
    (400, r"unknown name", BadSetup),
    (400, r"location is not supported", BadSetup),
    (400, r"deadline .*too short", BadSetup),
    (400, r"thinking (level|budget|config)|response ?modalit", BadSetup),
)
WITHOUT_IMAGE_CONFIG = re.compile(r'unknown name "image_?config"', re.IGNORECASE)

#: The connection was never made, so the request can't have been billed.
NEVER_LEFT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


def classify(exc: Exception, *, model: str = "") -> JobError:
    """The error of ours for any exception of a call. What can't be told to be free is Ambiguous.

    `model` is named in the message when it turns out not to exist.
    """
    if isinstance(exc, APIError):
        return _of_answer(exc, model)
    detail = f"{type(exc).__name__}: {exc}"[:DETAIL_LENGTH]
    return Unreachable(detail=detail) if isinstance(exc, NEVER_LEFT) else Unanswered(detail=detail)


def refuses_image_config(exc: APIError) -> bool:
    """Whether this API version doesn't know `imageConfig`, which the same call without it mends."""
    return exc.code == 400 and WITHOUT_IMAGE_CONFIG.search(_text(exc)) is not None


def _of_answer(exc: APIError, model: str) -> JobError:
    status, text = exc.code or 0, _text(exc)
    params: dict[str, object] = {"status": status, "detail": text[:DETAIL_LENGTH], "hint": text[:HINT_LENGTH]}
    stop = _by_reason(exc) or _by_status(status) or _by_text(status, text)
    if stop:
        return stop(None, model=model, instead=_instead_of(model, text), **params)
    if status == 429:
        return _too_many(exc, text, params)
    if status in (400, 413, 422):
        return PhotoRejected(**params)
    if 500 <= status < 600 and status != 504:
        return Overloaded(**params)
    if 400 <= status < 500 and status not in (408, 499):
        return Unexpected(**params)
    return Unanswered(**params)


def _instead_of(model: str, text: str) -> str:
    """The model that Google names in place of `model`, or else the best of our table."""
    named: Iterator[str] = (name.rstrip(".") for name in re.findall(r"gemini-[\w.-]+", text))
    best = sorted(MODELS, key=lambda row: not row.recommended)
    return next(name for name in (*named, *(row.id for row in best)) if name != model)


def _by_reason(exc: APIError) -> type[PausesQueue] | None:
    reasons = (str(item.get("reason")) for item in _details(exc))
    return next((REASONS[reason] for reason in reasons if reason in REASONS), None)


def _by_status(status: int) -> type[PausesQueue] | None:
    return {401: BadKey, 402: NoCredit, 403: BadKey, 404: ModelGone, 410: ModelGone}.get(status)


def _by_text(status: int, text: str) -> type[PausesQueue] | None:
    text = text.lower()
    return next((error for code, pattern, error in TEXTS if code == status and re.search(pattern, text)), None)


def _too_many(exc: APIError, text: str, params: dict[str, object]) -> PausesQueue:
    if any("PerDay" in str(violation.get("quotaId")) for violation in _violations(exc)):
        return DayLimit(None, **params)
    delay = _retry_delay(exc, text)
    seconds = DEFAULT_WAIT if delay is None else delay
    return RateLimited(seconds, wait=math.ceil(seconds), **params)


def _retry_delay(exc: APIError, text: str) -> float | None:
    for item in _details(exc):
        if str(item.get("@type", "")).endswith("RetryInfo"):
            match = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(item.get("retryDelay", "")))
            if match:
                return float(match[1])
    match = re.search(r"retry in (\d+(?:\.\d+)?)s", text)
    return float(match[1]) if match else None


def _bodies(exc: APIError) -> Iterator[dict[str, Any]]:
    """The error objects of an answer, whose body may be a list, or HTML in a made-up object."""
    for body in exc.details if isinstance(exc.details, list) else [exc.details]:
        error = body.get("error", body) if isinstance(body, dict) else None
        if isinstance(error, dict):
            yield error


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if isinstance(value, list) else []) if isinstance(item, dict))


def _details(exc: APIError) -> Iterator[dict[str, Any]]:
    for error in _bodies(exc):
        yield from _dicts(error.get("details"))


def _violations(exc: APIError) -> Iterator[dict[str, Any]]:
    for item in _details(exc):
        yield from _dicts(item.get("violations"))


def _text(exc: APIError) -> str:
    return " ".join(str(error["message"]) for error in _bodies(exc) if error.get("message")) or str(exc.status or "")
