"""Usuarios, Auditoría, Mi cuenta and the invitation, as people meet them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core import config_values
from core.access import api_tokens, audit, invitations, sessions, users
from core.access.actors import SYSTEM, Actor, Role
from core.access.audit import AuditFilter
from core.access.sign_in import sign_in
from core.providers.oidc import OidcProvider
from core.settings.change import change
from core.ui import guard
from tests.shop import one, run_sql
from tests.ui.pages_harness import ROOT, Panel, make_app

Open = Callable[..., Panel]
PASSWORD = "cuatro palabras muy largas"


@pytest.fixture
def tab(engine: Engine, tmp_path: Path) -> Callable[[str], AppTest]:
    """A browser tab with the token of a real session."""
    guard.install(make_app(engine, tmp_path))

    def opened(token: str = "") -> AppTest:
        at = AppTest.from_file(str(ROOT / "core/ui/app.py"), default_timeout=30)
        if token:
            at.session_state[guard.TOKEN_KEY] = token
        return at.run()

    return opened


def member(engine: Engine, email: str = "ana@x.co", role: Role = Role.OPERATOR) -> Actor:
    user, token = invitations.invite(engine, SYSTEM, email=email, name=email[:3].title(), role=role)
    invitations.accept(engine, token, PASSWORD)
    return Actor(user.id, user.name, role)


def enter(engine: Engine, email: str = "ana@x.co") -> str:
    return sign_in(engine, email, PASSWORD, ip="10.0.0.1", user_agent="Firefox", kind="panel")


def button(at: AppTest, label: str) -> object:
    [found] = [b for b in at.button if b.label == label]
    return found


def said(at: AppTest) -> str:
    kinds = ("title", "markdown", "success", "error", "code", "warning", "info")
    return " ".join(str(e.value) for kind in kinds for e in at.get(kind)).replace("\\", "")


@pytest.mark.parametrize("page", ["users", "audit"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_administrators_see_users_and_the_log(panel: Open, engine: Engine, page: str, role: Role) -> None:
    opened = panel(role)
    opened.open(page)
    assert "Su usuario no tiene permiso para esto." in opened.words
    assert audit.page(engine, SYSTEM, AuditFilter(kind="refused"), 5)


def test_an_administrator_invites_changes_a_role_and_switches_off(panel: Open, engine: Engine) -> None:
    member(engine, "ada@x.co", Role.ADMIN)
    opened = panel(Role.ADMIN)
    at = opened.open("users")
    fields = {field.label: field for field in at.text_input}
    fields["Correo"].set_value("eva@x.co")
    fields["Nombre"].set_value("Eva")
    opened.button("Crear e invitar").click()
    at.run()
    link = at.code[0].value
    assert "/?invitacion=" in link and "No se vuelve a mostrar" in opened.words
    assert invitations.who(engine, link.rpartition("=")[2])
    at.run()
    assert not at.code
    eva = one(engine, "SELECT id FROM revelado.users WHERE email = 'eva@x.co'").id
    role = at.selectbox(f"role_{eva}_operador")
    role.set_value(Role.VIEWER).run()
    opened.button("Cambiar el rol").click()
    at.run()
    assert "Eva es ahora consulta" in opened.words
    at.button(f"active_{eva}").click().run()
    assert one(engine, "SELECT role, active FROM revelado.users WHERE id = :id", id=eva) == ("consulta", False)


def test_an_administrator_sees_where_somebody_is_signed_in_and_ends_it(panel: Open, engine: Engine) -> None:
    ana = member(engine)
    token = enter(engine)
    opened = panel(Role.ADMIN)
    at = opened.open("users")
    assert "Firefox" not in opened.words
    at.session_state[f"sessions_{ana.id}"] = True
    at.run()
    assert "10.0.0.1 · Firefox" in opened.words
    next(button for button in at.button if button.label == "Cerrar").click()
    at.run()
    assert "Se cerró una sesión de Ana." in opened.words and sessions.resolve(engine, token, "panel") is None


def test_the_last_administrator_stays(panel: Open, engine: Engine) -> None:
    member(engine, role=Role.ADMIN)
    opened = panel(Role.ADMIN)
    at = opened.open("users")
    opened.button("Desactivar").click()
    at.run()
    assert "Es el último administrador activo." in opened.words
    assert one(engine, "SELECT active FROM revelado.users").active


def test_the_log_is_read_filtered_and_says_before_and_after(panel: Open, engine: Engine, admin: Actor) -> None:
    change(engine, admin, "daily_budget", 50)
    opened = panel(Role.ADMIN)
    at = opened.open("audit")
    [table] = at.dataframe
    assert list(table.value["what"]) == ["Cambió un ajuste"]
    assert "20 → 50.00" in table.value["details"][0]
    at = opened.open("audit", hecho="enqueue")
    assert not at.dataframe
    assert "Ninguna línea cumple los filtros" in opened.words


def test_the_log_is_paged_and_its_address_says_which_lines_and_which_page(
    panel: Open, engine: Engine, admin: Actor
) -> None:
    for cap in range(1, 121):
        change(engine, admin, "daily_budget", cap)
    opened = panel(Role.ADMIN)
    at = opened.open("audit")
    assert len(at.dataframe[0].value) == 100
    at.button(key="audit_older").click()
    at.run()
    assert len(at.dataframe[0].value) == 20
    place = dict(at.query_params)
    opened = panel(Role.ADMIN)
    at = opened.open("audit", **place)
    assert len(at.dataframe[0].value) == 20
    [newest] = audit.page(engine, SYSTEM, AuditFilter(), 1)
    at.selectbox(key="audit_kind").set_value(newest.kind).run()
    assert dict(at.query_params) == {"hecho": newest.kind}
    assert len(at.dataframe[0].value) == 100


def test_an_invited_person_chooses_a_password_and_the_link_is_used_up(
    tab: Callable[..., AppTest], engine: Engine
) -> None:
    _user, token = invitations.invite(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.VIEWER)
    at = AppTest.from_file(str(ROOT / "core/ui/app.py"), default_timeout=30)
    guard.install(guard.app())
    at.query_params["invitacion"] = token
    at.run()
    assert "Bienvenido a Revelado" in said(at)
    for field in at.text_input:
        field.set_value(PASSWORD)
    at.button[0].click().run()
    assert "Entre con eva@x.co y su contraseña nueva" in said(at)
    assert sessions.resolve(engine, sign_in(engine, "eva@x.co", PASSWORD, ip="", user_agent="", kind="panel"), "panel")


@pytest.fixture(autouse=True)
def _installed(engine: Engine, tmp_path: Path) -> object:
    guard.install(make_app(engine, tmp_path))
    yield
    guard.install(None)


def test_ones_own_sessions_are_listed_and_ended(tab: Callable[..., AppTest], engine: Engine) -> None:
    member(engine)
    here, there = enter(engine), enter(engine)
    at = tab(here)
    at.switch_page("../../pages/account.py").run()
    assert "Esta sesión" in said(at) and "10.0.0.1" in said(at) and "Firefox" in said(at)
    button(at, "Cerrar").click()  # type: ignore[attr-defined]
    at.run()
    assert sessions.resolve(engine, there, "panel") is None and sessions.resolve(engine, here, "panel")
    button(at, "Salir de todos").click()  # type: ignore[attr-defined]
    at.run()
    assert sessions.resolve(engine, here, "panel") is None
    assert "Fotos de catálogo limpias" in said(at)  # the sign-in


def test_changing_ones_password_asks_for_the_old_one(tab: Callable[..., AppTest], engine: Engine) -> None:
    member(engine)
    at = tab(enter(engine))
    at.switch_page("../../pages/account.py").run()
    for current, told in (("equivocada del todo", "no es correcta"), (PASSWORD, "Su contraseña cambió")):
        old, new, again = at.text_input[:3]
        old.set_value(current)
        new.set_value("otra contraseña nueva")
        again.set_value("otra contraseña nueva")
        button(at, "Cambiar la contraseña").click()  # type: ignore[attr-defined]
        at.run()
        assert told in said(at)


def test_a_token_is_made_shown_once_and_withdrawn(tab: Callable[..., AppTest], engine: Engine) -> None:
    ana = member(engine)
    at = tab(enter(engine))
    at.switch_page("../../pages/account.py").run()
    next(field for field in at.text_input if field.label == "Para qué es").set_value("precios")
    button(at, "Crear el token").click()  # type: ignore[attr-defined]
    at.run()
    secret = at.code[0].value
    assert api_tokens.resolve(engine, secret, "") is not None
    at.run()
    assert not at.code and "precios" in said(at)
    button(at, "Retirar").click()  # type: ignore[attr-defined]
    at.run()
    assert api_tokens.own(engine, ana) == []


def test_a_second_step_is_switched_on_by_picture_or_key_and_asked_for_at_the_door(
    tab: Callable[..., AppTest], engine: Engine
) -> None:
    member(engine, role=Role.ADMIN)
    at = tab(enter(engine))
    at.switch_page("../../pages/account.py").run()
    button(at, "Activar el segundo paso").click()  # type: ignore[attr-defined]
    at.run()
    [key] = [block.value for block in at.code]
    picture = next(block.proto.body for block in at.get("html") if "data:image/svg+xml" in block.proto.body)
    assert 'alt="Código QR de la cuenta"' in picture
    code_field(at, "2. Escriba el código").set_value(pyotp.TOTP(key).now())
    button(at, "Activar").click()  # type: ignore[attr-defined]
    at.run()
    recovery = at.code[0].value.splitlines()
    assert len(recovery) == 10

    door = at_the_door(tab)
    code_field(door, "Código de seis").set_value("000000")
    button(door, "Entrar").click()  # type: ignore[attr-defined]
    door.run()
    assert "no son correctos" in said(door)
    run_sql(engine, "UPDATE revelado.users SET totp_step = NULL")  # as half a minute later
    code_field(door, "Código de seis").set_value(pyotp.TOTP(key).now())
    button(door, "Entrar").click()  # type: ignore[attr-defined]
    door.run()
    assert "Fotos de catálogo limpias" not in said(door) and sessions.resolve(engine, token_of(door), "panel")

    lost = at_the_door(tab)
    code_field(lost, "Código de seis").set_value(recovery[0])
    button(lost, "Entrar").click()  # type: ignore[attr-defined]
    lost.run()
    assert sessions.resolve(engine, token_of(lost), "panel")
    again = at_the_door(tab)
    code_field(again, "Código de seis").set_value(recovery[0])
    button(again, "Entrar").click()  # type: ignore[attr-defined]
    again.run()
    assert "no son correctos" in said(again)
    button(again, "Volver").click()  # type: ignore[attr-defined]
    again.run()
    assert [field.label for field in again.text_input] == ["Correo", "Contraseña"]


def at_the_door(tab: Callable[..., AppTest]) -> AppTest:
    """After the password."""
    at = tab()
    for field, value in zip(at.text_input, ("ana@x.co", PASSWORD), strict=True):
        field.set_value(value)
    at.button[0].click().run()
    return at


def code_field(at: AppTest, start: str) -> Any:
    return next(field for field in at.text_input if field.label.startswith(start))


def token_of(at: AppTest) -> str:
    return str(at.session_state[guard.TOKEN_KEY])


def test_who_may_sign_in_elsewhere_sees_the_way_there_and_why_it_failed(engine: Engine, tmp_path: Path) -> None:
    elsewhere = config_values.Oidc("https://accounts.google.com", "cliente", "secreto", "Google")
    app = replace(make_app(engine, tmp_path), oidc=OidcProvider(elsewhere, "https://fotos.x.co"))
    guard.install(app)
    at = AppTest.from_file(str(ROOT / "core/ui/app.py"), default_timeout=30)
    at.query_params["entrada"] = "oidc_unknown"
    at.run()
    assert "Su cuenta de Google no tiene usuario en Revelado." in said(at)
    [way] = [block.proto.body for block in at.get("html") if "/auth/oidc" in block.proto.body]
    assert 'href="/auth/oidc?a=%2F' in way and "Entrar con Google" in way and "oidc_unknown" not in way
    at.query_params["entrada"] = "<b>inventado</b>"
    at.run()
    assert not at.error


def test_switching_somebody_off_shows_the_sign_in_at_the_next_tick(tab: Callable[..., AppTest], engine: Engine) -> None:
    member(engine, "ada@x.co", Role.ADMIN)
    ana = member(engine)
    at = tab(enter(engine))
    at.switch_page("../../pages/account.py").run()
    users.set_active(engine, SYSTEM, ana.id or 0, False)
    at.run()
    assert "Mi cuenta" not in said(at) and "Fotos de catálogo limpias" in said(at)
