"""Tokens for scripts, keys that make a repetition safe, and what is asked again before it is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.access import api_tokens, users
from core.access.actors import SYSTEM, Actor, Role
from core.access.api_tokens import Scope
from core.errors import InvalidInput, NotAllowed, NotFound
from core.settings.change import change
from tests.shop import articles, one, rows, run_sql

BATCH = "/api/articulos/batch-process-images"
QUEUE = "/api/articulos/processing-queue"
Make = Callable[[Role, Scope], tuple[Actor, api_tokens.ApiToken, str]]


@pytest.fixture
def make(engine: Engine) -> Make:
    def made(role: Role, scope: Scope) -> tuple[Actor, api_tokens.ApiToken, str]:
        number = one(engine, "SELECT count(*) AS n FROM revelado.users").n
        user, _password = users.create_user(engine, SYSTEM, email=f"u{number}@x.test", name="Ana", role=role)
        actor = Actor(user.id, user.name, role)
        return (actor, *api_tokens.create(engine, actor, "mi script", scope, 30))

    return made


def using(stranger: TestClient, secret: str) -> TestClient:
    stranger.headers["Authorization"] = f"Bearer {secret}"
    return stranger


def test_a_token_works_is_kept_as_a_hash_and_tells_its_last_use(
    stranger: TestClient, engine: Engine, make: Make
) -> None:
    actor, token, secret = make(Role.OPERATOR, "operate")
    [article] = articles(engine, 1)
    assert using(stranger, secret).post(BATCH, json={"articuloIds": [article]}).json()["data"]["agregados"] == 1
    assert secret.startswith("rvl_") and secret.startswith(token.starts) and len(secret) > 40
    assert secret not in str(rows(engine, "SELECT * FROM revelado.api_tokens"))
    [kept] = api_tokens.own(engine, actor)
    assert kept.last_used_at is not None and kept.last_address == "testclient"


@pytest.mark.parametrize(
    ("role", "scope", "enqueues"),
    [
        (Role.VIEWER, "read", 403),
        (Role.ADMIN, "read", 403),
        (Role.OPERATOR, "operate", 200),
        (Role.ADMIN, "operate", 200),
    ],
)
def test_a_scope_is_a_limit_never_a_right(
    stranger: TestClient, engine: Engine, make: Make, role: Role, scope: Scope, enqueues: int
) -> None:
    _actor, _token, secret = make(role, scope)
    client = using(stranger, secret)
    assert client.get(f"{QUEUE}/status").status_code == 200
    assert client.post(BATCH, json={"articuloIds": articles(engine, 1)}).status_code == enqueues
    assert client.delete(f"{QUEUE}/clean").status_code == 403  # takes an administrator, in person


def test_who_only_sees_makes_no_token_that_operates(engine: Engine) -> None:
    with pytest.raises(NotAllowed):
        api_tokens.create(engine, Actor(1, "Ana", Role.VIEWER), "x", "operate", 1)


@pytest.mark.parametrize(
    "ends",
    [
        "UPDATE revelado.api_tokens SET expires_at = now()",
        "UPDATE revelado.users SET active = false",
    ],
)
def test_one_that_expired_or_whose_maker_left_opens_nothing(
    stranger: TestClient, engine: Engine, make: Make, ends: str
) -> None:
    _actor, _token, secret = make(Role.OPERATOR, "operate")
    assert using(stranger, secret).get(f"{QUEUE}/status").status_code == 200
    run_sql(engine, ends)
    assert stranger.get(f"{QUEUE}/status").status_code == 401


def test_a_maker_who_was_demoted_takes_the_token_along(stranger: TestClient, engine: Engine, make: Make) -> None:
    make(Role.ADMIN, "read")  # the last administrator is never demoted
    actor, _token, secret = make(Role.OPERATOR, "operate")
    users.set_role(engine, SYSTEM, actor.id or 0, Role.VIEWER)
    assert using(stranger, secret).post(BATCH, json={"articuloIds": articles(engine, 1)}).status_code == 403


def test_revoking_works_at_once_and_only_on_ones_own(stranger: TestClient, engine: Engine, make: Make) -> None:
    actor, token, secret = make(Role.OPERATOR, "operate")
    other, _token, _secret = make(Role.OPERATOR, "read")
    with pytest.raises(NotFound):
        api_tokens.revoke(engine, other, token.id)
    api_tokens.revoke(engine, actor, token.id)
    assert using(stranger, secret).get(f"{QUEUE}/status").status_code == 401
    assert api_tokens.own(engine, actor) == []


def test_sixty_calls_a_minute_and_then_it_says_how_long_to_wait(
    stranger: TestClient, engine: Engine, make: Make
) -> None:
    actor, _token, secret = make(Role.VIEWER, "read")
    client = using(stranger, secret)
    run_sql(engine, "UPDATE revelado.api_tokens SET calls = array_fill(now() - interval '30 seconds', ARRAY[59])")
    assert client.get(f"{QUEUE}/status").status_code == 200
    refused = client.get(f"{QUEUE}/status")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    _own, other = api_tokens.create(engine, actor, "otro", "read", 1)
    assert using(stranger, other).get(f"{QUEUE}/status").status_code == 200
    run_sql(engine, "UPDATE revelado.api_tokens SET calls = array_fill(now() - interval '61 seconds', ARRAY[60])")
    assert using(stranger, secret).get(f"{QUEUE}/status").status_code == 200


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 61, 1), ("a\x1bb", 1), ("x", 0), ("x", 366)])
def test_what_makes_no_token(engine: Engine, make: Make, name: str, days: int) -> None:
    actor, _token, _secret = make(Role.VIEWER, "read")
    with pytest.raises(InvalidInput):
        api_tokens.create(engine, actor, name, "read", days)


# ── Idempotency-Key ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_with_another_body_is_refused(operating: TestClient, engine: Engine) -> None:
    first, second = articles(engine, 2)
    headers = {"Idempotency-Key": "lunes"}
    assert operating.post(BATCH, json={"articuloIds": [first]}, headers=headers).status_code == 200
    refused = operating.post(BATCH, json={"articuloIds": [second]}, headers=headers)
    assert refused.status_code == 409
    assert "ya se usó" in refused.json()["message"]


def test_a_key_is_forgotten_after_a_day(operating: TestClient, engine: Engine) -> None:
    first, second = articles(engine, 2)
    headers = {"Idempotency-Key": "lunes"}
    operating.post(BATCH, json={"articuloIds": [first]}, headers=headers)
    run_sql(engine, "UPDATE revelado.idempotency_keys SET created_at = now() - interval '25 hours'")
    assert operating.post(BATCH, json={"articuloIds": [second]}, headers=headers).json()["data"]["agregados"] == 1


def test_a_retry_that_is_repeated_with_its_key_is_answered_as_the_first_time(
    operating: TestClient, engine: Engine
) -> None:
    [article] = articles(engine, 1)
    job = operating.post(BATCH, json={"articuloIds": [article]}).json()["data"]["detalles"]["agregados"][0]["queueId"]
    run_sql(engine, "UPDATE image_processing_queue SET estado = 'failed', completed_at = now()")
    headers = {"Idempotency-Key": "r"}
    first = operating.post(f"{QUEUE}/{job}/retry", headers=headers)
    assert first.status_code == 200
    assert operating.post(f"{QUEUE}/{job}/retry", headers=headers).json() == first.json()
    assert operating.post(f"{QUEUE}/{job}/retry").status_code == 409


# ── limits of harm ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_than_500_are_asked_again_with_the_figures_and_nothing_is_done_before(
    operating: TestClient, engine: Engine
) -> None:
    run_sql(
        engine, "INSERT INTO articulos (nombre, imagen_url) SELECT 'a', 'http://x/a.jpg' FROM generate_series(1, 501)"
    )
    ids = [row.id for row in rows(engine, "SELECT id FROM articulos ORDER BY id")]
    asked = operating.post(BATCH, json={"articuloIds": ids})
    assert asked.status_code == 409
    assert "501 artículos" in asked.json()["message"] and '"confirmar": true' in asked.json()["message"]
    assert one(engine, "SELECT count(*) AS n FROM image_processing_queue").n == 0
    assert operating.post(BATCH, json={"articuloIds": ids[:500]}).json()["data"]["agregados"] == 500
    again = operating.post(BATCH, json={"articuloIds": ids, "confirmar": True})
    assert again.json()["data"]["agregados"] == 1  # and only what is added counts


def test_above_the_setting_it_takes_an_administrator(
    operating: TestClient, administering: TestClient, engine: Engine
) -> None:
    change(engine, SYSTEM, "admin_over_articles", 2)
    ids = articles(engine, 3)
    refused = operating.post(BATCH, json={"articuloIds": ids, "confirmar": True})
    assert refused.status_code == 403
    assert "2 artículos" in refused.json()["message"]
    assert administering.post(BATCH, json={"articuloIds": ids}).json()["data"]["agregados"] == 3
    told = rows(engine, "SELECT kind, details->>'what' AS what FROM revelado.audit WHERE kind = 'refused'")
    assert [row.what for row in told] == [f"POST {BATCH}"]


def test_cleaning_much_is_asked_again(administering: TestClient, engine: Engine) -> None:
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, estado, created_at, completed_at, adopted) SELECT n, 'completed',"
        " now() - interval '9 days', now() - interval '9 days', true FROM generate_series(1, 501) n",
    )
    asked = administering.delete(f"{QUEUE}/clean?dias=7")
    assert asked.status_code == 409 and "501" in asked.json()["message"]
    assert administering.delete(f"{QUEUE}/clean?dias=7&confirmar=true").json()["data"]["eliminados"] == 501
