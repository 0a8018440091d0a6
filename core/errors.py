"""One tree of errors: a stable code, parameters, what staff read, and what the queue does about it.

`message` is neutral Spanish with `{named}` parameters: what happened, what it means, what to do next. It is also the
gettext msgid, so that the English catalogue can translate a stored `code` + `params` years later.
"""

from __future__ import annotations

import copyreg
from typing import ClassVar


class Words(str):
    """A sentence with its blanks filled in, for a param of an error: it remembers its template, the gettext msgid."""

    msgid: str
    blanks: dict[str, object]

    def __new__(cls, msgid: str, /, **blanks: object) -> Words:
        filled = super().__new__(cls, msgid.format(**blanks) if blanks else msgid)
        filled.msgid, filled.blanks = msgid, blanks
        return filled


class AppError(Exception):
    """An error that a person may read. Anything else that reaches a person is a bug."""

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "Algo salió mal."
    #: HTTP status of the REST answer.
    status: ClassVar[int] = 400

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.text)

    def __reduce__(self) -> tuple[object, ...]:
        # An exception's own way, calling the class with its text, doesn't fit keyword parameters.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        return self.message.format(**self.params)


# ── start-up ────────────────────────────────────────────────────────────────────────────────────────────────────────


class StartupError(AppError):
    """The process can't start; printed as one line in Spanish and one in English, without a traceback."""

    code = "startup"
    message = "{es}"
    status = 500

    def __init__(self, es: str, en: str) -> None:
        self.en = en
        super().__init__(es=es, en=en)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class NotSignedIn(AppError):
    code, status = "not_signed_in", 401
    message = "Inicie sesión para continuar."


class NotAllowed(AppError):
    code, status = "not_allowed", 403
    message = "Su usuario no tiene permiso para esto. Pídalo a un administrador."


class MustChangePassword(AppError):
    code, status = "must_change_password", 403
    message = "Antes de continuar, cambie la contraseña en el panel: la que usó es de un solo uso."


class OidcFailed(AppError):
    code, status = "oidc_failed", 502
    message = "{provider} no confirmó quién es usted. Vuelva a probar; si se repite, entre con su contraseña."


class NotFound(AppError):
    code, status = "not_found", 404
    message = "No existe {what}."


class Conflict(AppError):
    code, status = "conflict", 409
    message = "{why}"


class InvalidInput(AppError):
    code, status = "invalid", 422
    message = "{field}: {why}"


# ── one article's way ───────────────────────────────────────────────────────────────────────────────────────────────


class JobError(AppError):
    """A job's run failed. The subclass says what the queue does next."""

    code = "job"
    status = 500
    #: The service outside that failed, when one did: its circuit counts it.
    service: str | None = None


class Retryable(JobError):
    """Free to try again, after a backoff; counts an attempt."""


class ServiceTrouble(Retryable):
    """A service outside is away or fell over: no fault of the job, so no attempt counts while it answers nobody."""


class Permanent(JobError):
    """Trying again would give the same answer; a person must act."""


class Ambiguous(JobError):
    """The paid call may have been billed although no answer arrived."""


class PausesQueue(JobError):
    """Nothing wrong with this job: the whole queue waits, and the attempt is not counted.

    `seconds` is how long; None means until a person resumes it.
    """

    def __init__(self, seconds: float | None = None, **params: object) -> None:
        self.seconds = seconds
        super().__init__(**params)


class SlowDown(PausesQueue):
    """The service asks for fewer calls: after the pause, the pace is half of what it was."""


class DayQuotaSpent(PausesQueue):
    """The service's quota of the day is used up. When its day ends is for the database's clock to say."""


class LostClaim(JobError):
    """Another worker holds the job now: this run's writes touch nothing."""

    code = "lost_claim"
    message = "Otro trabajador siguió con este trabajo."
