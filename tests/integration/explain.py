"""How statements are carried out: which indexes, how many pages, what was read for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

QUEUE = "image_processing_queue"


@dataclass
class Plan:
    """All nodes of all statements of an act."""

    statements: int = 0
    pages: int = 0
    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)  #: tables read as a whole
    filtered: float = 0  #: rows of the queue that were read for nothing

    def add(self, root: dict[str, Any]) -> None:
        self.statements += 1
        self.pages += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        self._walk(root)

    def _walk(self, node: dict[str, Any]) -> None:
        loops = node.get("Actual Loops", 1)
        if "Index Name" in node and loops:
            self.indexes.add(node["Index Name"])
        if node["Node Type"] == "Seq Scan" and loops:
            self.scanned.add(node["Relation Name"])
        if node.get("Relation Name") == QUEUE:
            self.filtered += loops * (
                node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            )
        for child in node.get("Plans", []):
            self._walk(child)


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that anybody sends through this engine meanwhile, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def listen(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def plan_of(engine: Engine, act: Callable[[], object]) -> Plan:
    """How an act that only reads is carried out."""
    engine.dispose()  # a new connection says all it needs, what it prepares too
    with statements_of(engine) as seen:
        act()
    return explained(engine, seen)


def plan_in(engine: Engine, act: Callable[[Connection], object]) -> Plan:
    """How an act that writes is carried out; nothing of it stays."""
    engine.dispose()
    with statements_of(engine) as seen, engine.connect() as connection:
        act(connection)
        connection.rollback()
    return explained(engine, seen)


def explained(engine: Engine, seen: list[tuple[str, Any]]) -> Plan:
    plan = Plan()
    engine.dispose()
    with engine.connect() as connection:
        for statement, parameters in seen:
            if statement.startswith(("SET ", "PREPARE ")):
                connection.exec_driver_sql(statement)
                continue
            found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            plan.add(found.scalar_one()[0]["Plan"])
            connection.rollback()
    return plan
