"""Scripted faults: which call, and what happens to it.

A fault is plain JSON on the wire (`POST /__faults` takes a list of them) and a `Fault` in Python. The functions below
name the faults that the real services are known for.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

KINDS = ("pass", "status", "drop", "cut_body", "billed_cut", "trickle")


@dataclass(frozen=True)
class Fault:
    """One scripted fault.

    It meets the calls of `route` whose path or body holds `contains`, and strikes the `nth` of them (1-based, counted
    from when the fault was posted), or else the next `times` of them (0: every one, until cleared).
    """

    route: str = "*"
    contains: str = ""
    nth: int | None = None
    times: int = 1

    #: `pass`: the normal answer, with `shape`, `image`, `delay` and `hang` applied
    #: `status`: this answer, and the service does no work · `drop`: connection closed, no work done
    #: `billed_cut`: work done and billed, closed before the first byte · `cut_body`: closed after `fraction` of the answer
    #: `trickle`: the answer in `chunks` pieces, `pause` apart
    kind: str = "pass"
    status: int = 500
    body: Any = ""  #: a string goes out as it is, anything else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False  #: close with RST instead of FIN
    fraction: float = 0.5
    chunks: int = 10
    pause: float = 0.1  #: seconds

    delay: float = 0.0  #: seconds, before or after the work
    hang: bool = False  #: held until `POST /__release`
    when: str = "before"  #: `before` or `after` the work is done and billed

    shape: str = ""  #: Gemini: one of `answers.SHAPES`, as `finish:NO_IMAGE` or `jpeg`
    image: str = ""  #: Gemini: one of `images.KINDS`
    billed: bool | None = None  #: Gemini: overrides whether that shape is billed

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {KINDS}")
        if self.when not in ("before", "after"):
            raise ValueError("when is 'before' or 'after'")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fault:
        """Raises ValueError for a field that does not exist: a misspelt fault must not pass silently."""
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown fields {sorted(unknown)}")
        return cls(**data)


class FaultBook:
    """The faults in force. Every matching fault counts a call; the first one due strikes."""

    def __init__(self) -> None:
        self._entries: list[tuple[Fault, list[int]]] = []

    def add(self, faults: list[Fault]) -> None:
        self._entries += [(fault, [0, 0]) for fault in faults]

    def clear(self) -> None:
        self._entries.clear()

    def take(self, route: str, path: str, body: bytes) -> Fault | None:
        struck: Fault | None = None
        for fault, counters in self._entries:
            if fault.route not in ("*", route):
                continue
            if fault.contains and fault.contains not in path and not _says(body, fault.contains):
                continue
            counters[0] += 1
            due = counters[0] == fault.nth if fault.nth is not None else fault.times == 0 or counters[1] < fault.times
            if due and struck is None:
                counters[1] += 1
                struck = fault
        return struck

    def to_json(self) -> list[dict[str, Any]]:
        return [{**fault.to_json(), "seen": seen, "struck": struck} for fault, (seen, struck) in self._entries]


def _says(body: bytes, text: str) -> bool:
    """Whether the body holds the text, as it is or as JSON writes it: an article's name has inches and accents."""
    written = (text, *(json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)))
    return any(one.encode() in body for one in written)


# ── Gemini's own ────────────────────────────────────────────────────────────────────────────────────────────────────


def google_error(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return {"error": error}


def rate_limited(retry_delay: str = "38.5s", **where: Any) -> Fault:
    """Too many requests a minute: RetryInfo says how long to wait."""
    quota = {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel", "quotaValue": "10"}
    return _quota(
        f"Please retry in {retry_delay}.", quota, {"@type": _TYPE + "RetryInfo", "retryDelay": retry_delay}, **where
    )


def daily_quota(**where: Any) -> Fault:
    """The day's requests are used up; they come back at midnight in Los Angeles, whatever the delay says."""
    quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel", "quotaValue": "1000"}
    return _quota("Please retry in 21s.", quota, {"@type": _TYPE + "RetryInfo", "retryDelay": "21s"}, **where)


def no_free_tier(**where: Any) -> Fault:
    """A key without billing: image models have a limit of 0, and waiting never helps."""
    quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "0"}
    return _quota("* Quota exceeded for metric: generate_content_free_tier_requests, limit: 0", quota, **where)


def spending_cap(**where: Any) -> Fault:
    message = "Your project has exceeded its monthly spending cap. Go to AI Studio to raise it."
    return Fault(
        kind="status", status=429, body=google_error(429, "RESOURCE_EXHAUSTED", message), **_at("generate", where)
    )


def credits_depleted(**where: Any) -> Fault:
    message = "Your prepayment credits are depleted. Please go to AI Studio to add more."
    return Fault(
        kind="status", status=429, body=google_error(429, "RESOURCE_EXHAUSTED", message), **_at("generate", where)
    )


def overloaded(**where: Any) -> Fault:
    message = "The model is overloaded. Please try again later."
    return Fault(kind="status", status=503, body=google_error(503, "UNAVAILABLE", message), **_at("generate", where))


def model_gone(replacement: str = "gemini-nano-banana-2.1", **where: Any) -> Fault:
    message = f"This model is no longer available. Please switch to {replacement}."
    return Fault(kind="status", status=404, body=google_error(404, "NOT_FOUND", message), **_at("generate", where))


def unprocessable_image(**where: Any) -> Fault:
    message = "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"
    return Fault(
        kind="status", status=400, body=google_error(400, "INVALID_ARGUMENT", message), **_at("generate", where)
    )


def unknown_field(name: str = "imageConfig", **where: Any) -> Fault:
    message = f"Invalid JSON payload received. Unknown name \"{name}\" at 'generation_config': Cannot find field."
    return Fault(
        kind="status", status=400, body=google_error(400, "INVALID_ARGUMENT", message), **_at("generate", where)
    )


def shaped(shape: str, **where: Any) -> Fault:
    """An answer with status 200 that is not the picture asked for."""
    return Fault(shape=shape, **_at("generate", where))


def drawn_as(image: str, **where: Any) -> Fault:
    """A normal answer with another kind of picture: of the next `times` articles, or of the one whose name it `contains`."""
    return Fault(image=image, **_at("generate", where))


# ── any server's ────────────────────────────────────────────────────────────────────────────────────────────────────


def html_error(status: int = 502, **where: Any) -> Fault:
    """A proxy's page where an API answer was due."""
    page = (
        f"<html><head><title>{status}</title></head><body><center><h1>{status} Bad Gateway</h1></center></body></html>"
    )
    return Fault(kind="status", status=status, body=page, headers={"content-type": "text/html"}, **_at("*", where))


def html_page(**where: Any) -> Fault:
    """Status 200 and a web page: a captive portal, or a shop that shows its front page for a lost photo."""
    page = "<!doctype html><title>Welcome</title><p>Hello"
    return Fault(kind="status", status=200, body=page, headers={"content-type": "text/html"}, **_at("*", where))


def redirected(location: str, status: int = 302, **where: Any) -> Fault:
    return Fault(kind="status", status=status, headers={"location": location}, **_at("*", where))


def dropped(**where: Any) -> Fault:
    """The request arrived, nothing was done, the connection closed."""
    return Fault(kind="drop", **_at("*", where))


def billed_but_cut(**where: Any) -> Fault:
    """The dearest one: the answer was made and billed, and not one byte of it arrived."""
    return Fault(kind="billed_cut", **_at("generate", where))


def cut_mid_body(fraction: float = 0.5, **where: Any) -> Fault:
    return Fault(kind="cut_body", fraction=fraction, **_at("generate", where))


def held(when: str = "after", **where: Any) -> Fault:
    """Held until released; `after`: already done and billed, so a worker may be killed with a paid answer on its way."""
    return Fault(hang=True, when=when, **_at("generate", where))


def slow(seconds: float, when: str = "before", **where: Any) -> Fault:
    return Fault(delay=seconds, when=when, **_at("*", where))


# ── Cloudinary's own ────────────────────────────────────────────────────────────────────────────────────────────────


def cloudinary_error(status: int, message: str, **where: Any) -> Fault:
    return Fault(kind="status", status=status, body={"error": {"message": message}}, **_at("upload", where))


def upload_rate_limited(**where: Any) -> Fault:
    return cloudinary_error(420, "Rate Limit Exceeded. Please try again later.", **where)


_TYPE = "type.googleapis.com/google.rpc."


def _at(route: str, where: dict[str, Any]) -> dict[str, Any]:
    return {"route": route, **where}


def _quota(advice: str, violation: dict[str, str], *more: dict[str, Any], **where: Any) -> Fault:
    message = f"You exceeded your current quota, please check your plan and billing details. {advice}"
    failure = {"@type": _TYPE + "QuotaFailure", "violations": [violation]}
    links = {
        "@type": _TYPE + "Help",
        "links": [{"description": "Learn more", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}],
    }
    body = google_error(429, "RESOURCE_EXHAUSTED", message, failure, links, *more)
    return Fault(kind="status", status=429, body=body, **_at("generate", where))
