"""Statements that a connection parses and plans once: the queue's busiest cost more to plan than to run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


class Prepared:
    """A statement with :named parameters. `:limit` becomes part of its text, once for each value: the planner must know
    that few rows are wanted, and plans before it sees values. `types` names those that PostgreSQL can't infer.
    """

    def __init__(self, name: str, statement: str, types: Mapping[str, str] | None = None) -> None:
        self._name = name
        self._parameters = [p for p in dict.fromkeys(_PARAMETER.findall(statement)) if p != "limit"]
        numbers = {p: f"${n}" for n, p in enumerate(self._parameters, 1)}
        self._text = _PARAMETER.sub(lambda found: numbers.get(found[1], found[0]), statement)
        self._types = ", ".join((types or {}).get(p, "unknown") for p in self._parameters)
        places = ", ".join(["%s"] * len(self._parameters))
        self._call = f"({places})" if places else ""

    def all(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Row[Any]]:
        """Runs it on this connection, prepared there on first use; gives all rows."""
        limit = int(str(values.get("limit", 0)))
        name = f"{self._name}_{limit}"
        known: set[str] = connection.info.setdefault("prepared", set())
        given = tuple(values[p] for p in self._parameters)
        if name in known:
            return connection.exec_driver_sql(f"EXECUTE {name}{self._call}", given).all()
        # The plan is kept while tables grow: one made while they are still small must use their indexes already.
        connection.exec_driver_sql("SET enable_seqscan = off")
        connection.exec_driver_sql(f"PREPARE {name} ({self._types}) AS {self._text.replace(':limit', str(limit))}")
        known.add(name)
        rows = connection.exec_driver_sql(f"EXECUTE {name}{self._call}", given).all()
        connection.exec_driver_sql("SET enable_seqscan = on")
        return rows
