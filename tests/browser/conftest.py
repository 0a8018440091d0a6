"""A running panel on a free port with a database of its own, and Debian's Chromium to look at it with."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from core.db.engine import make_engine
from tests.databases import new_database
from tests.shop import run_sql

ROOT = Path(__file__).resolve().parents[2]
#: Of a page on a machine that runs everything else too.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class RunningPanel:
    url: str
    database_url: str
    data_dir: Path
    admin: str
    one_time_password: str


@pytest.fixture
def panel(database_url: str, tmp_path: Path) -> Iterator[RunningPanel]:
    """A fresh process each: what its very first request shows is part of what is tested."""
    with running(database_url, tmp_path) as found:
        yield found


@contextmanager
def running(database_url: str, tmp_path: Path) -> Iterator[RunningPanel]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "panel.log"
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")},
        "DATABASE_URL": database_url.replace("postgresql+psycopg2://", "postgresql://"),
        "DATA_DIR": str(tmp_path / "datos"),
        "PORT": str(port),
        "IMAGE_EDITOR": "local",
        "IMAGE_HOST": "local",
        "SHOP_TIMEZONE": "UTC",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "dashboard.py")], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process, log)
        found = re.search(r"administrador: (\S+) · contraseña de un solo uso: (\S+)", log.read_text())
        assert found, log.read_text()
        yield RunningPanel(url, database_url, tmp_path / "datos", found[1], found[2])
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="es-AR", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def settled(page: Page) -> None:
    """Until the script has run to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def until(page: Page, condition: str, arg: object = None, seconds: float = 20) -> None:
    """Until this JavaScript function says yes.

    Asked from outside, over and over: `wait_for_function` asks within the page, where our Content-Security-Policy
    forbids `eval`, so that it fails whenever the first answer is no.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition, arg):
        assert time.monotonic() < end, f"{seconds} s passed and it is still not so: {condition}"
        page.wait_for_timeout(10)


def listed(page: Page, articles: int, of: str = "") -> None:
    """Artículos lists so many, `of` all there are. A panel that tests share counts for ten seconds more what another had."""
    told = page.get_by_text(re.compile(rf"^Mostrando 1–{articles} de {of or articles}\."))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        page.get_by_text(re.compile("^(Mostrando|Todavía no hay artículos)")).first.wait_for()
        settled(page)
        if told.is_visible():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    expect(told).to_be_visible()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Correo").fill(email)
    page.get_by_label("Contraseña", exact=True).fill(password)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()


def choose_password(page: Page, one_time: str, password: str) -> None:
    page.get_by_label("Contraseña actual").fill(one_time)
    page.get_by_label("Contraseña nueva", exact=True).fill(password)
    page.get_by_label("Repita la contraseña nueva").fill(password)
    page.get_by_role("button", name="Guardar contraseña").click()


@pytest.fixture
def signed_in(panel: RunningPanel, page: Page) -> Page:
    """The administrator's tab, at Inicio."""
    first_sign_in(page, panel)
    return page


def first_sign_in(page: Page, panel: RunningPanel) -> None:
    """With the one-time password, to Inicio."""
    page.goto(panel.url)
    with page.expect_response("**/auth/sesion"):
        sign_in(page, panel.admin, panel.one_time_password)
    choose_password(page, panel.one_time_password, "tornillo-hexagonal-9")
    page.get_by_role("heading", name="Inicio").wait_for()
    settled(page)


# ── one panel for every test that asks for nothing but an empty shop ─────────────────────────────────────────────────


@pytest.fixture(scope="session")
def shop(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPanel]:
    databases = new_database(server_url, template)
    with running(next(databases), Path(tmp_path_factory.mktemp("tienda"))) as found:
        yield found
    next(databases, None)


@pytest.fixture(scope="session")
def shop_engine(shop: RunningPanel) -> Iterator[Engine]:
    engine = make_engine(shop.database_url, "test")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def administrator(shop: RunningPanel, browser: Browser) -> Iterator[BrowserContext]:
    """Signed in to `shop`."""
    context = browser.new_context(locale="es-AR", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    first_sign_in(page, shop)
    page.close()
    yield context
    context.close()


def beside(browser: Browser, administrator: BrowserContext, **more: Any) -> BrowserContext:
    """A browser of its own for the same person, which remembers nothing but who they are."""
    cookies = administrator.storage_state().get("cookies", [])
    context = browser.new_context(locale="es-AR", storage_state={"cookies": cookies, "origins": []}, **more)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def tab(administrator: BrowserContext, shop_engine: Engine) -> Iterator[Page]:
    """The administrator's, still blank; the shop has no articles, and nothing is paused."""
    for emptied in ("DELETE FROM image_processing_queue", "DELETE FROM articulos", "DELETE FROM categorias"):
        run_sql(shop_engine, emptied)
    run_sql(shop_engine, "UPDATE revelado.queue_control SET paused = false, paused_until = NULL, reason_code = NULL")
    page = administrator.new_page()
    yield page
    page.close()
