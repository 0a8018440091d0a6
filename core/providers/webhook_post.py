"""One HTTP POST of JSON to an address that an administrator gave."""

from __future__ import annotations

import urllib3

from core.errors import Retryable

TIMEOUT = 10.0  # seconds


class WebhookRefused(Retryable):
    code = "webhook_refused"
    message = "La dirección de avisos respondió {status}. Se intenta otra vez; revísela en Ajustes."


class WebhookUnreachable(Retryable):
    code = "webhook_unreachable"
    message = "No se pudo conectar con la dirección de avisos. Se intenta otra vez; revísela en Ajustes."


def post(url: str, event: dict[str, object]) -> None:
    """Raises WebhookRefused for any answer but 2xx (redirects are not followed), WebhookUnreachable without one."""
    try:
        answer = urllib3.request("POST", url, json=event, timeout=TIMEOUT, retries=False, redirect=False)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise WebhookUnreachable from error
    if not 200 <= answer.status < 300:
        raise WebhookRefused(status=answer.status)
