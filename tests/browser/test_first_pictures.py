"""Inicio right after a sign-in: its pictures are for who has the session's cookie, which comes a moment later."""

from __future__ import annotations

import hashlib

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from core.providers.local_host import LocalHost
from tests.browser.conftest import RunningPanel, first_sign_in, sign_in, until
from tests.shop import article, photo, run_sql

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_the_pictures_of_inicio_are_seen_right_after_a_sign_in(
    panel: RunningPanel, page: Page, browser: Browser, engine: Engine
) -> None:
    content = photo()
    LocalHost(panel.data_dir / "fotos", base_url="").upload(content, "x", "image/jpeg")
    url = f"{panel.url}/fotos/{hashlib.sha256(content).hexdigest()}.jpg"
    run_sql(
        engine,
        "INSERT INTO image_processing_queue (articulo_id, articulo_nombre, estado, completed_at, imagen_url_original,"
        " imagen_url_procesada) VALUES (:id, 'Pinza', 'completed', now(), :url, :url)",
        id=article(engine, "Pinza"),
        url=url,
    )
    first_sign_in(page, panel)
    context = browser.new_context(locale="es-AR")
    other = context.new_page()
    # A slow line: the page asks for its pictures before the cookie is there.
    other.route("**/auth/sesion", lambda route: (other.wait_for_timeout(2_000), route.continue_()))
    other.goto(panel.url)
    sign_in(other, panel.admin, "tornillo-hexagonal-9")
    expect(other.get_by_alt_text("Después: Pinza")).to_be_visible()
    until(other, "() => [...document.images].every((image) => image.complete && image.naturalWidth)")
    context.close()
