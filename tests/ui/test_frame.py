"""The door and the frame: who gets in, what a role may open, and what the web process answers around the pages."""

from __future__ import annotations

import ast
import hashlib
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import Engine, create_engine, text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.access import sessions, users
from core.access.actors import SYSTEM, Actor, Role
from core.access.passwords import hash_password
from core.access.sign_in import SignInRefused, sign_in
from core.bootstrap import App, Database
from core.ui import formats, frame, guard, images, photos, web
from core.ui.gate import SecurityHeaders
from core.ui.spanish import SpanishDocument
from tests.ui.pages_harness import make_app

PASSWORD = "arandela-plana-8"
EMAIL = "ana@ferreteria.test"


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Iterator[App]:
    app = make_app(engine, tmp_path)
    guard.install(app)
    yield app
    guard.install(None)


@cache
def _hash() -> str:
    """Slow by design: once is enough."""
    return hash_password(PASSWORD)


Person = Callable[..., str]


@pytest.fixture
def person(engine: Engine) -> Person:
    """Makes a user with PASSWORD and a session of theirs: gives the token."""

    def make(role: Role = Role.ADMIN, email: str = EMAIL) -> str:
        token = sessions.new_token()
        with engine.begin() as connection:
            connection.execute(
                text(
                    "WITH person AS (INSERT INTO revelado.users (email, name, password_hash, role)"
                    " VALUES (:email, 'Ana <Pérez>', :hash, :role) RETURNING id)"
                    " INSERT INTO revelado.sessions (token_hash, user_id, kind, expires_at)"
                    " SELECT :token, id, 'panel', now() + interval '8 hours' FROM person"
                ),
                {"email": email, "hash": _hash(), "role": role, "token": sessions.digest(token)},
            )
        return token

    return make


def panel(token: str | None = None) -> AppTest:
    test = AppTest.from_file(str(web.SCRIPT), default_timeout=20)
    if token:
        test.session_state[guard.TOKEN_KEY] = token
    return test.run()


def words(test: AppTest) -> str:
    assert not test.exception
    return "\n".join(
        str(element.value)
        for kind in ("title", "header", "subheader", "markdown", "error")
        for element in test.get(kind)
    )


def is_sign_in(test: AppTest) -> bool:
    return "Fotos de catálogo limpias" in words(test) and [field.label for field in test.text_input] == [
        "Correo",
        "Contraseña",
    ]


def fill(test: AppTest, *values: str) -> AppTest:
    for field, value in zip(test.text_input, values, strict=True):
        field.set_value(value)
    return test.button[0].click().run()


# ── the door ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_page_shows_the_sign_in_to_who_is_not_signed_in(app: App) -> None:
    test = panel()
    assert is_sign_in(test)
    for screen in frame.PAGES.values():
        assert is_sign_in(test.switch_page(f"../../pages/{screen.file}").run()), screen.file


def test_every_page_asks_the_guard_before_anything_else() -> None:
    for screen in frame.PAGES.values():
        lines = (frame.ROOT / "pages" / screen.file).read_text()
        imports = (ast.Import, ast.ImportFrom)
        first = next(each for each in ast.parse(lines).body[1:] if not isinstance(each, imports))
        assert "guard.require(Role." in ast.unparse(first), screen.file


def test_streamlits_script_has_no_pages_folder_beside_it() -> None:
    assert not (web.SCRIPT.parent / "pages").exists()


def test_the_right_password_opens_the_page_that_was_asked_for(app: App, person: Person) -> None:
    person()
    test = panel().switch_page("../../pages/help.py").run()
    fill(test, EMAIL, PASSWORD)
    assert "Cómo se usa cada página" in words(test)


def test_an_unknown_user_and_a_wrong_password_read_the_same(app: App, person: Person) -> None:
    person()
    wrong, unknown = fill(panel(), EMAIL, "otra-cosa-larga"), fill(panel(), "nadie@ferreteria.test", PASSWORD)
    assert wrong.error[0].value == unknown.error[0].value
    assert "contraseña no son correctos" in wrong.error[0].value


def test_an_empty_form_asks_for_both_fields(app: App) -> None:
    assert "Escriba su correo y su contraseña" in words(fill(panel(), "", ""))


def test_a_locked_account_says_until_when(app: App, person: Person) -> None:
    person()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(app.engine, EMAIL, "otra-cosa-larga", ip="", user_agent="", kind="panel")
    test = fill(panel(), EMAIL, PASSWORD)
    assert "Vuelva a intentar a las" in test.error[0].value


def test_a_one_time_password_opens_nothing_but_its_change(app: App, engine: Engine) -> None:
    _user, one_time = users.create_user(engine, SYSTEM, email=EMAIL, name="Ana", role=Role.ADMIN)
    test = fill(panel().switch_page("../../pages/help.py").run(), EMAIL, one_time)
    assert "Elija su contraseña" in words(test)
    assert "Cómo se usa" not in words(test)
    fill(test, one_time, PASSWORD, "distinta-de-la-otra")
    assert "no son iguales" in words(test)
    fill(test, one_time, "corta", "corta")
    assert test.error
    fill(test, one_time, PASSWORD, PASSWORD)
    assert "Cómo se usa cada página" in words(test)


def test_a_revoked_session_loses_the_page_at_its_next_run(app: App, engine: Engine, person: Person) -> None:
    token = person()
    test = panel(token).switch_page("../../pages/help.py").run()
    assert not is_sign_in(test)
    sessions.revoke(engine, token)
    assert is_sign_in(test.run())


def test_a_demoted_user_loses_the_page_without_signing_in_again(app: App, engine: Engine, person: Person) -> None:
    person(email="jefe@ferreteria.test")
    token = person(Role.OPERATOR)

    def script() -> None:
        import streamlit as st

        from core.access.actors import Role
        from core.ui import guard

        st.markdown(f"entra {guard.require(Role.OPERATOR).name}")

    test = AppTest.from_function(script)
    test.session_state[guard.TOKEN_KEY] = token
    assert "entra Ana" in words(test.run())
    user = next(user for user in users.list_users(engine, SYSTEM) if user.email == EMAIL)
    users.set_role(engine, Actor(None, "Jefe", Role.ADMIN), user.id, Role.VIEWER)
    assert words(test.run()).startswith("Su usuario no tiene permiso")


def test_a_tick_of_the_clock_does_not_keep_an_idle_session_alive(app: App, engine: Engine, person: Person) -> None:
    token = person()

    def seen(tick: bool) -> object:
        def script(tick: bool) -> None:
            from core.access.actors import Role
            from core.ui import guard

            guard.require(Role.VIEWER, tick=tick)

        with engine.begin() as connection:
            connection.execute(text("UPDATE revelado.sessions SET last_seen_at = now() - interval '5 minutes'"))
        test = AppTest.from_function(script, args=(tick,))
        test.session_state[guard.TOKEN_KEY] = token
        assert not test.run().exception
        with engine.connect() as connection:
            return connection.scalar(
                text(
                    "SELECT last_seen_at > now() - interval '1 minute' FROM revelado.sessions WHERE token_hash = :hash"
                ),
                {"hash": sessions.digest(token)},
            )

    assert seen(tick=True) is False
    assert seen(tick=False) is True


def test_a_users_name_is_shown_as_it_is_written(app: App, person: Person) -> None:
    assert "\\<Pérez\\>" in words(panel(person()))


# ── the web process ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    api = Starlette(routes=[Route("/ping", lambda _request: PlainTextResponse("pong"))])
    with TestClient(Starlette(routes=web.routes(app, lambda _app: api))) as client:
        yield client


OURS = {"X-Revelado": "1"}


def test_a_ticket_becomes_an_httponly_cookie_once(client: TestClient, engine: Engine, person: Person) -> None:
    token = person()
    ticket = sessions.issue_ticket(engine, token)
    answer = client.post("/auth/sesion", content=ticket, headers=OURS)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"sid={token};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert client.post("/auth/sesion", content=ticket, headers=OURS).status_code == 403


def test_another_site_can_neither_open_nor_end_a_session(client: TestClient, engine: Engine, person: Person) -> None:
    token = person()
    assert client.post("/auth/sesion", content=sessions.issue_ticket(engine, token)).status_code == 403
    assert client.post("/auth/salir", headers={"Cookie": f"sid={token}"}).status_code == 403
    assert sessions.resolve(engine, token, "panel") is not None


def test_the_cookie_is_for_https_alone_where_the_panel_is(
    client: TestClient, app: App, engine: Engine, person: Person
) -> None:
    object.__setattr__(app.settings, "public_url", "https://fotos.ferreteria.test")
    answer = client.post("/auth/sesion", content=sessions.issue_ticket(engine, person()), headers=OURS)
    assert "Secure" in answer.headers["set-cookie"]


def test_signing_out_ends_the_session_in_the_database(client: TestClient, engine: Engine, person: Person) -> None:
    token = person()
    answer = client.post("/auth/salir", headers={**OURS, "Cookie": f"sid={token}"})
    assert 'sid=""' in answer.headers["set-cookie"]
    assert sessions.resolve(engine, token, "panel") is None


def test_health_tells_whether_the_database_answers_and_nothing_else(client: TestClient, app: App) -> None:
    assert client.get("/healthz").status_code == 200
    nowhere = create_engine("postgresql+psycopg2://nobody:secreto@127.0.0.1:1/nada")
    object.__setattr__(app, "database", Database(nowhere, None))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "secreto" not in answer.text
    assert "127.0.0.1" not in answer.text


def _stored_photo(app: App) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), "navy").save(stream, "JPEG")
    assert app.local_host.upload(stream.getvalue(), "uno", "image/jpeg").url
    return f"/fotos/{hashlib.sha256(stream.getvalue()).hexdigest()}.jpg"


def test_a_photo_is_for_who_is_signed_in(client: TestClient, app: App, person: Person) -> None:
    path = _stored_photo(app)
    refused = client.get(path)
    assert refused.status_code == 401
    assert refused.headers["cache-control"] == "no-store"
    shown = client.get(path, headers={"Cookie": f"sid={person()}"})
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"


def test_a_one_time_password_shows_no_photo(client: TestClient, app: App, engine: Engine) -> None:
    _user, one_time = users.create_user(engine, SYSTEM, email=EMAIL, name="Ana", role=Role.ADMIN)
    token = sign_in(engine, EMAIL, one_time, ip="", user_agent="", kind="panel")
    assert client.get(_stored_photo(app), headers={"Cookie": f"sid={token}"}).status_code == 401


@pytest.mark.parametrize("width", [96, 320])
def test_a_thumbnail_keeps_the_shape_and_has_the_width_asked_for(
    client: TestClient, app: App, person: Person, width: int
) -> None:
    path, cookie = _stored_photo(app), {"Cookie": f"sid={person()}"}
    for _again in range(2):
        small = Image.open(io.BytesIO(client.get(f"{path}?w={width}", headers=cookie).content))
        assert small.size == (width, width * 3 // 4)


def test_only_the_two_widths_are_made(client: TestClient, app: App, person: Person) -> None:
    assert client.get(f"{_stored_photo(app)}?w=4000", headers={"Cookie": f"sid={person()}"}).status_code == 400


def test_a_picture_that_cannot_be_decoded_is_shown_as_it_is(client: TestClient, app: App, person: Person) -> None:
    app.local_host.upload(b"no es una foto", "dos", "image/png")
    path = f"/fotos/{hashlib.sha256(b'no es una foto').hexdigest()}.png"
    answer = client.get(f"{path}?w=96", headers={"Cookie": f"sid={person()}"})
    assert (answer.status_code, answer.content) == (200, b"no es una foto")


@pytest.mark.parametrize("name", ["..%2F..%2Fsecreto", "a.jpg", "f" * 64 + ".jpg", "f" * 64 + ".svg"])
def test_what_is_not_a_stored_photo_does_not_exist(client: TestClient, app: App, person: Person, name: str) -> None:
    assert client.get(f"/fotos/{name}", headers={"Cookie": f"sid={person()}"}).status_code == 404


def test_a_signed_address_opens_one_photo_until_its_hour(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = photos.sign(app.settings.data_dir, _stored_photo(app), 60)
    assert client.get(signed).status_code == 200
    assert client.get(f"{signed}&w=96").status_code == 200
    assert client.get(signed.replace("e=1", "e=2", 1)).status_code == 401
    assert client.get(f"{signed[:-2]}ñ").status_code == 401
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(signed).status_code == 401


def test_the_document_is_in_spanish_and_everything_else_untouched() -> None:
    page = '<html lang="en"><head><title>Streamlit</title></head><body>x</body></html>'
    inner = Starlette(
        routes=[
            Route("/", lambda _request: HTMLResponse(page, headers={"etag": "abc"})),
            Route("/datos", lambda _request: PlainTextResponse('<html lang="en">')),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(SpanishDocument)],
    )
    with TestClient(inner) as client:
        answer = client.get("/", headers={"accept": "text/html", "if-none-match": "abc"})
        assert '<html lang="es">' in answer.text
        assert "<title>Revelado</title>" in answer.text
        assert "es.js" in answer.text
        assert "etag" not in answer.headers
        assert answer.headers["x-frame-options"] == "DENY"
        assert client.get("/datos", headers={"accept": "text/html"}).text == '<html lang="en">'
        assert client.get("/").text == page


def test_wrong_settings_end_in_two_sentences_and_no_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(frame.ROOT / "dashboard.py")],
        cwd=frame.ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHOP_TIMEZONE": "Marte/Olimpo"},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert ended.returncode == 2
    assert "SHOP_TIMEZONE='Marte/Olimpo' no es válido" in ended.stderr
    assert "is not valid" in ended.stderr
    assert "Traceback" not in ended.stderr


# ── numbers, times, addresses ───────────────────────────────────────────────────────────────────────────────────────

NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "amount", "shown"),
    [
        ("es_419", "1204.5", "US$ 1.204,50"),
        ("es_MX", "1204.5", "US$ 1,204.50"),
        ("es_419", "0.0042", "US$ 0,0042"),
        ("es_419", "0", "US$ 0,00"),
    ],
)
def test_money_is_written_as_the_shop_does(
    locale: str, amount: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "_locale", locale)
    assert formats.money(Decimal(amount)).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (10, 40, "menos de un minuto"),
        (2270, 2290, "unos 38 min"),
        (1800, 2700, "entre 30 y 45 min"),
        (3300, 5400, "entre 55 min y 1 h 30 min"),
    ],
)
def test_an_estimate_is_a_range_in_words(low: float, high: float, shown: str) -> None:
    assert formats.duration_range(low, high).replace("\u00a0", " ") == shown


def test_a_moment_is_told_from_now_and_by_the_shops_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_zone", ZoneInfo("America/Argentina/Buenos_Aires"))
    assert formats.ago(NOW - timedelta(minutes=3), NOW) == "hace 3 min"
    assert formats.ago(NOW + timedelta(seconds=2), NOW) == "ahora"
    assert formats.datetime_text(NOW) == "24 nov 2026, 12:42"
    assert [formats.duration(s).replace("\u00a0", " ") for s in (45, 125, 4800)] == ["45 s", "2 min 5 s", "1 h 20 min"]


def test_a_table_asks_for_small_pictures_where_there_are_any() -> None:
    local = f"/fotos/{'a' * 64}.jpg"
    assert images.thumb_url(f"http://otra-maquina:8501{local}") == f"{local}?w=96"
    assert images.thumb_url("https://res.cloudinary.com/x/image/upload/v1/a/b.png", 320) == (
        "https://res.cloudinary.com/x/image/upload/c_limit,w_320,h_320,q_auto,f_auto/v1/a/b.png"
    )
    assert images.thumb_url("https://tienda.test/foto.jpg") == "https://tienda.test/foto.jpg"
    assert images.thumb_url(None) is None
