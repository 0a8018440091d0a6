"""The log people here already read: each line starts with time, worker and job. `json`: one object a line."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

worker_name: ContextVar[str] = ContextVar("worker_name", default="-")
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)


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
        line = f"{time} {worker_name.get()} {f'#{job}' if job else '-'} {one_line(record.getMessage())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "worker": worker_name.get(),
            "job": job_id.get(),
            "message": record.getMessage().strip(),
        }
        if record.exc_info:
            entry["stack"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
