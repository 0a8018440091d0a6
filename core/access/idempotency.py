"""`Idempotency-Key`: the same call again, within a day and by the same caller, gets the same answer and costs nothing."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from core.access.actors import Actor
from core.db.text import storable, to_json
from core.errors import Conflict

HOURS = 24


class OtherRequest(Conflict):
    code = "idempotency_key_reused"
    message = "Esa Idempotency-Key ya se usó con otra solicitud. Use una clave nueva para cada una."


@dataclass(frozen=True)
class Started:
    """`request_id` is the same at each repetition; `answer`: what was answered, once it was."""

    request_id: uuid.UUID
    answer: Any | None


_BEGIN = text("""
    INSERT INTO revelado.idempotency_keys (caller, key, request_hash, request_id)
    VALUES (:caller, :key, :hash, :id) ON CONFLICT (caller, key) DO NOTHING
""")
_STANDS = text("""
    SELECT request_hash, request_id, answer FROM revelado.idempotency_keys WHERE caller = :caller AND key = :key
""")


def begin(engine: Engine, actor: Actor, key: str, request: str) -> Started:
    """`request`: all that says what is asked. Raises OtherRequest."""
    asked = {
        "caller": _caller(actor),
        "key": storable(key),
        "hash": hashlib.sha256(request.encode("utf-8", "surrogatepass")).digest(),
        "id": uuid.uuid4(),
    }
    with engine.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM revelado.idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM"
                " revelado.idempotency_keys WHERE created_at < now() - make_interval(hours => :hours) FOR UPDATE SKIP LOCKED)"
            ),
            {"hours": HOURS},
        )
        connection.execute(_BEGIN, asked)
        row = connection.execute(_STANDS, asked).one()
    if bytes(row.request_hash) != asked["hash"]:
        raise OtherRequest
    return Started(row.request_id, row.answer)


def finish(engine: Engine, actor: Actor, key: str, started: Started, answer: object) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE revelado.idempotency_keys SET answer = CAST(:answer AS jsonb)"
                " WHERE caller = :caller AND key = :key AND request_id = :id"
            ),
            {
                "answer": to_json(answer),
                "caller": _caller(actor),
                "key": storable(key),
                "id": started.request_id,
            },
        )


def _caller(actor: Actor) -> str:
    """One person's keys are nobody else's."""
    return f"user:{actor.id}" if actor.id is not None else f"name:{actor.name}"
