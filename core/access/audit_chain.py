"""Whether the audit log is whole: every hash computed again here, not by a function that lives beside the lines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine, text

#: What the first line follows.
ORIGIN = hashlib.sha256(b"revelado").digest()
_CHUNK = 5000

_LINES = text("""
    SELECT id, previous, hash, jsonb_build_array(id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), kind,
        user_id, user_name, address, via, details)::text AS said
    FROM revelado.audit WHERE id > :after AND id <= :last ORDER BY id LIMIT :chunk
""")


@dataclass(frozen=True)
class Verified:
    """`problem`: in Spanish, what is wrong and at which line; None: the chain is whole.

    `end` names the last line and its hash: noted down elsewhere, it also shows a chain that was made anew as a whole.
    """

    lines: int
    end: str
    problem: str | None


def verify(engine: Engine, expected: str | None = None) -> Verified:
    """`expected` is an `end` noted down earlier."""
    noted = dict([expected.split(":", 1)]) if expected and ":" in expected else {}
    with engine.connect() as connection:
        head = connection.execute(text("SELECT last_id, hash FROM revelado.audit_head")).one()
        after, previous, lines = 0, ORIGIN, 0
        while rows := connection.execute(_LINES, {"after": after, "last": head.last_id, "chunk": _CHUNK}).all():
            for row in rows:
                lines += 1
                if row.id != after + 1:
                    return Verified(lines, "", f"Faltan las líneas {after + 1} a {row.id - 1}.")
                if bytes(row.previous) != previous:
                    return Verified(lines, "", f"La línea {row.id} no sigue a la {after}: una de las dos se cambió.")
                digest = hashlib.sha256(previous + row.said.encode()).digest()
                if bytes(row.hash) != digest:
                    return Verified(lines, "", f"La línea {row.id} se cambió después de escribirse.")
                if noted.get(str(row.id), digest.hex()) != digest.hex():
                    return Verified(lines, "", f"La línea {row.id} no es la que se anotó: el registro se rehízo.")
                noted.pop(str(row.id), None)
                after, previous = row.id, digest
            connection.rollback()  # no long transaction over a long log
        if after != head.last_id or previous != bytes(head.hash):
            return Verified(lines, "", f"Faltan las líneas {after + 1} a {head.last_id}, las últimas.")
    if noted:
        return Verified(lines, "", "La línea que se anotó no existe: se quitaron líneas del final.")
    return Verified(lines, f"{after}:{previous.hex()}", None)
