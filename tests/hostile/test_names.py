"""Hostile names are only names: on every page, in every file that leaves, in the log."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.protobuf.message import Message
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import logs
from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.catalog.archive import zip_finished
from core.notify import webhook
from core.ui import exports, guard
from core.ui.frame import PAGES
from tests.browser.conftest import RunningPanel, settled
from tests.hostile.conftest import Visit
from tests.hostile.names import HOSTILE, LONG, NAME, plant
from tests.shop import article, one, rows, run_sql
from tests.ui.conftest import panel as _open_panel
from tests.ui.pages_harness import Panel, make_app

ADMIN = Actor(1, NAME, Role.ADMIN)
#: What Markdown would make of the name, were it not escaped.
LIVE = re.compile(r"(?<!\\)(\[clic\]\(|!\[x\]|<b id|:red\[|\$x\^|`c`)|https:/|www\.malo")
#: Streamlit shows these as they are, or we make the HTML of them.
PLAIN = (
    "Selectbox.options",
    "MultiSelect.options",
    ".default",
    "value",
    "form_id",
    ".id",
    ".element_id",
    ".json",
    "Text.body",
)

CODES = ("../../etc/passwd", "C:\\x", "/abs", "\u202egpj.exe", "a\nb", NAME, LONG, "", "..", "con")

open_panel = _open_panel


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.users (email, name, password_hash, role) VALUES ('a@x.test', 'A', '', 'administrador')",
    )
    plant(engine, tmp_path / "fotos", "http://127.0.0.1:8501", ADMIN, (NAME,))


def test_no_page_gives_a_name_to_markdown_or_html_as_it_is(
    open_panel: Callable[..., Panel], engine: Engine, shop: None
) -> None:
    seen = {row.estado: row for row in rows(engine, "SELECT * FROM image_processing_queue ORDER BY id")}
    places: list[tuple[str, dict[str, str]]] = [(page, {}) for page in PAGES]
    places += [("history", {"trabajo": str(row.id)}) for row in seen.values()]
    places += [("articles", {"articulo": str(row.articulo_id)}) for row in seen.values()]
    places += [("articles", {"categoria": "1"}), ("recipes", {"receta": "1"}), ("history", {"lote": "2"})]
    tab = open_panel(Role.ADMIN, user_id=1)
    found: set[str] = set()
    named = 0
    for page, query in places:
        at = tab.open(page, **query)
        for proto in protos(at):
            for field, value in strings(proto, proto.DESCRIPTOR.name):
                named += "malo" in value
                if field == "Html.body":
                    live = re.search(r"<b id|<script|<img src=https://malo|<a ", value) is not None
                else:
                    live = not field.endswith(PLAIN) and "malo" in value and LIVE.search(value) is not None
                if live:
                    found.add(f"{page} {query}: {field}: {value[:150]}")
    assert not found, "\n".join(sorted(found))
    assert named > 50, "the names are where people see them"


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_in_a_browser_no_name_draws_runs_or_asks_for_anything(
    panel: RunningPanel, visit: Visit, engine: Engine, browser: Browser
) -> None:
    person = visit(Role.ADMIN)
    plant(engine, panel.data_dir / "fotos", panel.url, Actor(person.user_id, "A", Role.ADMIN))
    context = browser.new_context(locale="es-AR")
    context.add_cookies([{"name": "sid", "value": person.cookie or "", "url": panel.url}])
    page = context.new_page()
    alarms: list[str] = []
    page.set_default_timeout(30_000)
    page.on("dialog", lambda dialog: (alarms.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda sent: alarms.append(sent.url) if urlsplit(sent.url).hostname == "malo.test" else None)
    first = one(engine, "SELECT id FROM articulos WHERE nombre LIKE '[clic]%' ORDER BY id LIMIT 1").id
    page.goto(f"{panel.url}/articulos?articulo={first}")
    expect(page.get_by_text("malo.test").first).to_be_visible(timeout=30_000)
    for name in (None, *PAGES):
        if name:
            page.get_by_test_id("stSidebarNav").get_by_text(PAGES[name].title, exact=True).click()
            expect(page.get_by_role("heading", name=PAGES[name].title, exact=True).first).to_be_visible(timeout=30_000)
        settled(page)
        alarms += page.evaluate(
            '() => [...document.querySelectorAll(\'#malo, [src*="malo.test"], [href*="malo.test"], [href^="javascript"],'
            " [onerror]')].map((node) => node.outerHTML.slice(0, 200))"
        )
    assert alarms == []
    context.close()


@pytest.fixture
def client(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    app = make_app(engine, tmp_path)
    guard.install(app)
    session = Session(b"x", ADMIN, "c@x.co", "es", False, "panel")
    monkeypatch.setattr(guard, "of_cookie_header", lambda _header, _address=None: session)
    with TestClient(Starlette(routes=exports.routes(app))) as client:
        yield client
    guard.install(None)


def test_no_file_that_leaves_runs_in_a_spreadsheet(client: TestClient, engine: Engine, tmp_path: Path) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.users (email, name, password_hash, role) VALUES ('a@x.test', 'A', '', 'administrador')",
    )
    plant(engine, tmp_path / "fotos", "http://127.0.0.1:8501", ADMIN)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO revelado.settings VALUES ('webhook_url', '\"https://x.test/\"', now(), 't')")
        )
    today = datetime.now(UTC).date().isoformat()
    for name in ("historial.csv", f"costos.csv?desde={today}&hasta={today}", "auditoria.csv"):
        answer = client.get(f"/exportar/{name}")
        assert answer.status_code == 200
        table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        for line in table:
            assert len(line) == len(table[0]), "no name breaks out of its cell"
            for cell in line:
                assert not re.match(r"[=+@\t\r\0]|-(?![\d.,]+$)", cell), cell[:80]
    book = zipfile.ZipFile(io.BytesIO(client.get("/exportar/historial.xlsx").content))
    for part in book.namelist():
        if part.startswith("xl/worksheets"):
            assert b"<f>" not in book.read(part), "no formula"
        assert not (part.endswith(".rels") and b"malo.test" in book.read(part)), "no link"


def test_a_name_in_a_zip_is_a_file_of_its_own_folder(engine: Engine) -> None:
    ids = [
        article(engine, "x", f"http://127.0.0.1:8501/fotos/{n:064x}.jpg", codigo=codigo)
        for n, codigo in enumerate(
            ("../../etc/passwd", "C:\\x", "/abs", "\u202egpj.exe", "a\nb", NAME, LONG, "", "..", "con")
        )
    ]
    for articulo in ids:
        run_sql(
            engine,
            "INSERT INTO revelado.pictures (articulo_id, kind, url, host) SELECT id, 'result', imagen_url, 'local'"
            " FROM articulos WHERE id = :id",
            id=articulo,
        )
    made = zip_finished(engine, lambda _url: b"picture", ids)
    with made.file, zipfile.ZipFile(made.file) as archive:
        names = archive.namelist()
    assert len(set(names)) == made.pictures == len(ids)
    for name in names:
        assert re.fullmatch(r"[^/\\:\x00-\x1f\u202a-\u202e]{1,200}", name) and not name.startswith(".."), name


@pytest.mark.parametrize("name", HOSTILE)
def test_a_line_of_the_log_stays_one_and_a_webhook_stays_json(
    engine: Engine, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError(name)
    except ValueError as error:
        record = logging.LogRecord(
            "revelado", logging.INFO, "", 0, "Artículo «%s»", (name,), (type(error), error, None)
        )
    told = logs._TextFormatter().format(record).splitlines()
    assert name[:9].split("\n")[0].strip() in told[0] or not name[:1].isprintable()
    assert not any(re.match(r"\d{4}-", line) for line in told[1:]), "what an error says forges no line"
    entry = logs._JsonFormatter().format(record)
    assert len(entry.splitlines()) == 1 and json.loads(entry)["message"]
    run_sql(engine, "INSERT INTO revelado.settings VALUES ('webhook_url', '\"https://x.test/\"', now(), 't')")
    with engine.begin() as connection:
        webhook.promise(connection, "job_failed", {"articulo": name + "\0"})
    assert one(engine, "SELECT payload FROM revelado.outbox").payload["data"] == {"articulo": name}


def protos(at: Any) -> Iterator[Message]:
    def inside(block: Any) -> Iterator[Message]:
        for child in block.children.values():
            if getattr(child, "proto", None) is not None:
                yield child.proto
            if hasattr(child, "children"):
                yield from inside(child)

    yield from inside(at._tree)


def strings(message: Message, path: str) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if isinstance(each, Message):
                yield from strings(each, f"{path}.{field.name}")
            elif isinstance(each, str):
                yield f"{path}.{field.name}", each
