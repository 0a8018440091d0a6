"""The hostile walk: who has no business here touches every page, call, download, picture and socket of a running panel."""

from __future__ import annotations

import hashlib
import http.client
import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from core.access import users
from core.access.actors import SYSTEM, Actor, Role
from core.providers.local_host import LocalHost
from core.ui.exports import DOWNLOADS
from core.ui.frame import PAGES
from core.ui.photos import sign
from tests.api.test_api_matrix import BODIES, MATRIX
from tests.browser.conftest import RunningPanel, settled
from tests.hostile.conftest import Visit, Visitor
from tests.hostile.tab import tab
from tests.shop import article, photo, run_sql

#: Names only the signed-in may read; the second only administrators.
SHOPS, PEOPLES = "Arandela reservada", "@oculto.test"
NOBODY = Visitor(None, None, None)


@pytest.mark.timeout(180)
def test_who_has_no_session_or_no_role_gets_nothing_anywhere(panel: RunningPanel, visit: Visit, engine: Engine) -> None:
    article(engine, SHOPS)
    name = stored_photo(panel)
    off = visit(Role.ADMIN, active=False)
    with tab(panel.url) as stranger, tab(panel.url, off.cookie) as switched_off:
        for closed in (stranger, switched_off):
            for page in (*(screen.url for screen in PAGES.values()), "", "nada", "pages/users.py"):
                assert_sign_in(closed.open(page), page)

    for visitor in (NOBODY, off):
        assert_calls(panel, visitor, None)
        for download in DOWNLOADS:
            assert get(panel, f"/exportar/{download.file}", visitor)[0] == 401, download
        for path in (f"/fotos/{name}", f"/fotos/{name}?w=96", "/api/docs", "/api/openapi.json", "/vivo/progreso"):
            assert get(panel, path, visitor)[0] == 401, path

    for role in Role:
        visitor = visit(role)
        with tab(panel.url, visitor.cookie) as own:
            for screen in PAGES.values():
                shown = own.open(screen.url)
                allowed = Actor(None, "", role).can(screen.role)
                assert ("no tiene permiso" in shown) is not allowed, (role, screen.url)
                assert PEOPLES not in shown or allowed, (role, screen.url)
        for download in DOWNLOADS:
            status = get(panel, f"/exportar/{download.file}", visitor)[0]
            assert (status == 403) is not Actor(None, "", role).can(download.role), (role, download)
        for path in (f"/fotos/{name}", "/vivo/progreso"):
            assert get(panel, path, visitor)[0] == 200, path
        assert_calls(panel, visitor, role)
        # Each kind of session opens its own door alone.
        assert get(panel, f"/fotos/{name}", Visitor(None, visitor.bearer, None))[0] == 401
        assert get(panel, "/api/articulos", Visitor(None, None, visitor.cookie))[0] == 401

    assert_signed_addresses(panel)
    assert_an_open_tab_ends_with_its_user(panel, visit(Role.OPERATOR), engine)


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_the_open_tab_of_somebody_switched_off_shows_the_sign_in_by_itself(
    panel: RunningPanel, visit: Visit, engine: Engine, browser: Browser
) -> None:
    person = visit(Role.OPERATOR)
    run_sql(
        engine,  # a busy page asks every two seconds
        "INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, started_at, intentos, lease_until)"
        " VALUES (:id, 'Pinza', 'processing', now(), 1, now() + interval '1 hour')",
        id=article(engine, "Pinza"),
    )
    context = browser.new_context(locale="es-AR")
    context.add_cookies([{"name": "sid", "value": person.cookie or "", "url": panel.url}])
    page = context.new_page()
    page.goto(f"{panel.url}/progreso")
    expect(page.get_by_role("heading", name="Progreso").first).to_be_visible(timeout=30_000)
    settled(page)
    users.set_active(engine, SYSTEM, person.user_id or 0, False)
    expect(page.get_by_label("Correo")).to_be_visible(timeout=15_000)
    assert page.get_by_text("Pinza").count() == 0
    context.close()


def assert_signed_addresses(panel: RunningPanel) -> None:
    """Each opens its own picture until its hour."""
    name, other = stored_photo(panel), stored_photo(panel, (20, 90, 140))
    signed = sign(panel.data_dir, f"/fotos/{name}", 60)
    over = sign(panel.data_dir, f"/fotos/{name}", -1)
    assert get(panel, signed, NOBODY)[0] == 200
    for refused in (
        over,
        signed.replace(name, other),
        signed.replace("e=", "e=1"),
        signed[:-1] + ("0" if signed[-1] != "0" else "1"),
        signed.split("&s=")[0],
        signed.split("&s=")[0] + "&s=",
        over.split("?")[0] + "?" + signed.split("?")[1].replace("s=", "s=x"),
    ):
        assert get(panel, refused, NOBODY)[0] == 401, refused


def assert_an_open_tab_ends_with_its_user(panel: RunningPanel, person: Visitor, engine: Engine) -> None:
    with tab(panel.url, person.cookie) as open_tab:
        assert SHOPS in open_tab.open("articulos")
        open_tab.open("progreso")
        clocks = open_tab.clocks
        assert clocks
        users.set_active(engine, SYSTEM, person.user_id or 0, False)
        for clock in clocks:
            assert SHOPS not in open_tab.tick(clock)
        assert_sign_in(open_tab.open("articulos"), "articulos")
    assert_calls(panel, person, None)


def assert_sign_in(shown: str, page: str) -> None:
    assert "Si olvidó su contraseña" in shown, page
    assert SHOPS not in shown and PEOPLES not in shown, page


def assert_calls(panel: RunningPanel, visitor: Visitor, role: Role | None) -> None:
    for (method, path), lowest in sorted(MATRIX.items(), key=lambda call: call[0][1] == "/auth/logout"):
        if lowest is None:
            continue
        status = call(panel, method, "/api" + path.replace("{id}", "1"), visitor, BODIES.get(path))[0]
        if role is None:
            assert status == 401, (method, path)
        else:
            assert (status == 403) is not Actor(None, "", role).can(lowest), (role, method, path, status)


def get(panel: RunningPanel, path: str, visitor: Visitor) -> tuple[int, bytes]:
    return call(panel, "get", path, visitor)


def call(panel: RunningPanel, method: str, path: str, visitor: Visitor, body: object = None) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json"}
    if visitor.cookie:
        headers["Cookie"] = f"sid={visitor.cookie}"
    if visitor.bearer:
        headers["Authorization"] = f"Bearer {visitor.bearer}"
    connection = http.client.HTTPConnection(urlsplit(panel.url).netloc, timeout=20)
    connection.request(method.upper(), path, body=None if body is None else json.dumps(body), headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def stored_photo(panel: RunningPanel, color: tuple[int, int, int] = (150, 40, 30)) -> str:
    content = photo(color)
    LocalHost(panel.data_dir / "fotos", base_url="").upload(content, str(color), "image/jpeg")
    return f"{hashlib.sha256(content).hexdigest()}.jpg"
