"""The log people here already read: each line starts with time, worker and job. `json`: one object a line."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime

worker_name: ContextVar[str] = ContextVar("worker_name", default="-")
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)


#: JSON lets them stand in a text; who reads line by line takes them for the end of one.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


_secrets: tuple[str, ...] = ()


def conceal(secrets: Iterable[str]) -> None:
    """Once a process, at start-up: from now on they appear neither in the log nor in a text that is stored."""
    global _secrets
    _secrets = tuple(sorted(secrets, key=len, reverse=True))


def concealed(text: str) -> str:
    """A service may say back what it was sent, and a library put it into its error."""
    for secret in _secrets:
        text = text.replace(secret, "•••")
    return text


def set_up(log_format: str) -> None:
    """Everything of `revelado.*` at INFO, everything else at WARNING, to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("revelado").setLevel(logging.INFO)


def one_line(value: str) -> str:
    """A name with a line break must not forge a line of the log."""
    return "".join(c if c.isprintable() else " " for c in value)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        job = job_id.get()
        line = f"{time} {worker_name.get()} {f'#{job}' if job else '-'} {one_line(concealed(record.getMessage()))}"
        if not record.exc_info:
            return line
        # Set in: what an error says must not forge a line either.
        story = concealed(self.formatException(record.exc_info)).splitlines()
        return "\n".join([line, *(f"    {one_line(told)}" for told in story)])


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "worker": worker_name.get(),
            "job": job_id.get(),
            "message": concealed(record.getMessage()).strip(),
        }
        if record.exc_info:
            entry["stack"] = concealed(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False).translate(_LINE_ENDS)
