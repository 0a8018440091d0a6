"""What went wrong with Cloudinary. Nothing here costs money: an upload may always be tried again (same id, no overwrite)."""

from __future__ import annotations

import re

from core.errors import JobError, PausesQueue, Permanent, ServiceTrouble

DETAIL_LENGTH = 300
RATE_PAUSE = 60.0  # seconds; the SDK drops the header that says how long


class HostUnreachable(ServiceTrouble):
    service = "cloudinary"
    code = "host_unreachable"
    message = "Cloudinary no respondió o falló. La imagen está guardada: no se paga otra vez. Se intentará de nuevo."


class HostBusy(PausesQueue):
    code = "host_busy"
    message = "Cloudinary pidió ir más despacio. La imagen está guardada. La cola sigue sola en un minuto."


class HostRefuses(PausesQueue):
    code = "host_refuses"
    message = (
        "Cloudinary rechazó la cuenta, la nube o la clave. La imagen está guardada. "
        "Un administrador debe revisar CLOUDINARY_URL y reanudar la cola."
    )


class ClockWrong(PausesQueue):
    code = "clock_wrong"
    message = (
        "Cloudinary dice que el reloj de esta máquina está mal. La imagen está guardada. "
        "Un administrador debe poner la hora y reanudar la cola."
    )


class PictureTooLarge(Permanent):
    code = "picture_too_large"
    message = (
        "La imagen pesa más de lo que permite su plan de Cloudinary. Está guardada: no se paga otra vez. "
        "Avise a un administrador."
    )


class PictureRejected(Permanent):
    code = "picture_rejected"
    message = "Cloudinary no aceptó la imagen. Está guardada: no se paga otra vez. Avise a un administrador."


class HostNotAllowed(Permanent):
    code = "host_not_allowed"
    message = (
        "El plan de Cloudinary no incluye algo que se le pidió. La imagen está guardada: no se paga otra vez. "
        "Avise a un administrador."
    )


class IdCollision(Permanent):
    code = "id_collision"
    message = (
        "En Cloudinary ya hay otra imagen con el nombre {public_id}. No se cambió nada ni se cobró. "
        "Avise a un administrador."
    )


#: Undocumented texts, matched in lower case; the first that matches decides.
TEXTS: tuple[tuple[str, type[JobError]], ...] = (
    (r"stale request", ClockWrong),
    (
        r"file size too large|maximum .*(size|pixels|megapixels)|too many pixels|resolution .*(large|limit)",
        PictureTooLarge,
    ),
    (r"add-?on|subscription", HostNotAllowed),
)


def classify(exc: Exception) -> JobError:
    """The error of ours for any exception of the SDK, which for some statuses raises a bare `Exception`."""
    # Not at the top: importing the SDK reads CLOUDINARY_URL, and a malformed one must first be refused in our words.
    from cloudinary import exceptions as sdk

    detail = str(exc)
    if isinstance(exc, sdk.AuthorizationRequired | sdk.NotAllowed | sdk.NotFound):
        return HostRefuses(None, detail=detail[:DETAIL_LENGTH])
    if not isinstance(exc, sdk.BadRequest | sdk.RateLimited):
        return HostUnreachable(detail=detail[:DETAIL_LENGTH])
    default = HostBusy if isinstance(exc, sdk.RateLimited) else PictureRejected
    error = next((found for text, found in TEXTS if re.search(text, detail.lower())), default)
    params = {"detail": detail[:DETAIL_LENGTH]}
    return HostBusy(RATE_PAUSE, **params) if error is HostBusy else error(**params)
