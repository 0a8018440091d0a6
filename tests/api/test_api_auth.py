"""Who the API lets in."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.access import users
from core.access.actors import SYSTEM, Role
from core.access.passwords import hash_password
from tests.api.conftest import ClientOf, session_of
from tests.cheap_hashes import cheap_hashes as cheap_hashes
from tests.shop import run_sql

pytestmark = pytest.mark.usefixtures("cheap_hashes")

CALLS = [
    ("GET", "/api/articulos"),
    ("POST", "/api/articulos/batch-process-images"),
    ("GET", "/api/articulos/processing-queue/status"),
    ("GET", "/api/articulos/processing-queue/history"),
    ("POST", "/api/articulos/processing-queue/1/retry"),
    ("DELETE", "/api/articulos/processing-queue/clean"),
    ("POST", "/api/auth/logout"),
    ("GET", "/api/docs"),
    ("GET", "/api/openapi.json"),
]
PASSWORD = "caballo grapa batería"


@pytest.fixture
def ana(engine: Engine) -> str:
    users.ensure_first_admin(engine, "ana@ferreteria.com", PASSWORD)
    return "ana@ferreteria.com"


def login(client: TestClient, email: str, password: str) -> tuple[int, dict[str, object]]:
    answer = client.post("/api/auth/login", json={"email": email, "password": password})
    return answer.status_code, answer.json()


def test_the_token_of_a_login_opens_the_rest(stranger: TestClient, ana: str) -> None:
    answer = stranger.post("/api/auth/login", json={"email": " ANA@ferreteria.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["data"]["token"]
    assert stranger.get("/api/articulos", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert stranger.get("/api/articulos", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_after_signing_out_the_token_opens_nothing(viewing: TestClient) -> None:
    assert viewing.post("/api/auth/logout").json() == {"success": True, "message": "Sesión cerrada"}
    assert viewing.get("/api/articulos").status_code == 401


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(stranger: TestClient, ana: str) -> None:
    wrong, unknown = login(stranger, ana, "otra cosa del todo"), login(stranger, "eva@ferreteria.com", PASSWORD)
    assert wrong == unknown
    assert wrong == (401, {"success": False, "message": "El correo o la contraseña no son correctos."})


def test_the_sixth_try_is_refused_with_the_wait_even_with_the_right_password(stranger: TestClient, ana: str) -> None:
    for _ in range(5):
        assert login(stranger, ana, "otra cosa del todo")[0] == 401
    answer = stranger.post("/api/auth/login", json={"email": ana, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["success"] is False
    assert 280 < int(answer.headers["retry-after"]) <= 300


def test_while_a_one_time_password_stands_the_login_says_to_change_it(stranger: TestClient, engine: Engine) -> None:
    user, password = users.create_user(engine, SYSTEM, email="beto@x.test", name="Beto", role=Role.OPERATOR)
    status, body = login(stranger, user.email, password)
    assert status == 403
    assert body["success"] is False
    assert "cambie la contraseña" in str(body["message"])


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic YTpi", "Bearer"])
def test_every_other_call_needs_a_token(stranger: TestClient, authorization: str | None) -> None:
    for method, path in CALLS:
        answer = stranger.request(method, path, headers={"Authorization": authorization} if authorization else {})
        assert answer.status_code == 401, path
        assert answer.json() == {"success": False, "message": "Inicie sesión para continuar."}
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_cookie_of_the_panel_is_no_bearer_token(stranger: TestClient, engine: Engine) -> None:
    token = session_of(engine, Role.ADMIN, kind="panel")
    assert stranger.get("/api/articulos", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    stranger.cookies.set("sid", token)
    assert stranger.get("/api/articulos").status_code == 401


def test_a_demoted_user_loses_the_right_at_the_next_call(operating: TestClient, engine: Engine) -> None:
    run_sql(engine, "UPDATE revelado.users SET role = 'consulta'")
    answer = operating.post("/api/articulos/batch-process-images", json={"articuloIds": [1]})
    assert answer.status_code == 403


def test_a_user_who_was_switched_off_is_out_at_the_next_call(operating: TestClient, engine: Engine) -> None:
    run_sql(engine, "UPDATE revelado.users SET active = false")
    assert operating.get("/api/articulos").status_code == 401


ALLOWED = {
    Role.VIEWER: {"GET"},
    Role.OPERATOR: {"GET", "POST"},
    Role.ADMIN: {"GET", "POST", "DELETE"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_is_its_own_and_no_more(signed_in: ClientOf, role: Role) -> None:
    client = signed_in(role)
    for method, path in CALLS[:6]:
        answer = client.request(method, path, json={"articuloIds": [1]} if method == "POST" else None)
        assert (answer.status_code != 403) == (method in ALLOWED[role]), path
        assert answer.json()["success"] is answer.is_success


def test_a_login_that_makes_no_sense_is_refused_as_such(stranger: TestClient) -> None:
    for body in (
        {},
        {"email": "ana@x.test"},
        {"email": "", "password": "x"},
        {"email": ["a"], "password": "x"},
        {"email": "a@x.test", "password": "x" * 1001},
        {"email": "a@x.test", "password": "\ud800"},
        [],
        None,
    ):
        content = json.dumps(body)
        answer = stranger.post("/api/auth/login", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, content
        assert answer.json()["success"] is False
        assert answer.json()["message"]


def test_a_strange_address_is_only_an_unknown_one(stranger: TestClient) -> None:
    for email in ("ana\u0000@x.test", "' OR 1=1 --", "añá@x.test", "%"):
        assert login(stranger, email, "x")[0] == 401


def test_an_old_hash_from_elsewhere_lets_nobody_in(stranger: TestClient, engine: Engine, ana: str) -> None:
    run_sql(engine, "UPDATE revelado.users SET password_hash = 'md5'")
    assert login(stranger, ana, PASSWORD)[0] == 401
    run_sql(engine, "UPDATE revelado.users SET password_hash = :hash", hash=hash_password(PASSWORD))
    assert login(stranger, ana, PASSWORD)[0] == 200
