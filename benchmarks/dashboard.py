"""`python -m benchmarks.dashboard`: the panel at 100,000 articles and a million jobs, in Chromium, in Markdown.

The real panel runs in a process of its own on a durable server; beside it an empty Streamlit page, so that what the
framework itself takes on this machine is told apart. Open tabs are clients that speak Streamlit's protocol and keep its
timers. `--small` shows in a minute that everything still runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext
from sqlalchemy import text

from benchmarks.contenders.server import durable_server
from benchmarks.scaling.database import Database, database
from benchmarks.scaling.figures import Figure, as_json, markdown, p95_within, spread, told
from benchmarks.scaling.hands import WORKER
from benchmarks.scaling.seed import SPARE, Size, seed
from benchmarks.watching import panel as panels
from benchmarks.watching import screen
from benchmarks.watching.panel import DatabaseLoad, Served
from benchmarks.watching.tabs import tabs
from core.db.engine import make_engine
from core.queue import claim

IN_HAND = 3
SETTLE_SECONDS = 6


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    size = Size(options.finished, max(1_000, (options.articles - SPARE) // 2))
    figures: list[Figure] = []
    facts = {"machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"}
    if options.url:
        found = Database("kept", make_engine(options.url, "bench"))
        _measure(found, options, facts, figures)
    else:
        with durable_server() as server, database(server.url, "panel") as made:
            _say(f"seeding {size.articles:,} articles and {size.finished:,} finished jobs")
            began = time.monotonic()
            seed(made, size)
            facts["seeded"] = f"in {time.monotonic() - began:.0f} s"
            _measure(made, options, facts, figures)
    facts["load at the end"] = f"{os.getloadavg()[0]:.1f}"
    print(markdown(facts, figures))
    if options.json:
        options.json.write_text(as_json(facts, figures))
    return 0 if all(figure.reached is not False for figure in figures) else 1


def _measure(found: Database, options: argparse.Namespace, facts: dict[str, str], figures: list[Figure]) -> None:
    with found.engine.connect() as connection:
        articles = connection.execute(text("SELECT count(*) FROM articulos")).scalar_one()
    facts["database"] = f"{articles:,} articles; {found.describe()}"
    with found.engine.begin() as connection:
        claim.claim(connection, WORKER, IN_HAND)  # so that the pages are as lively as while work goes on
    with panels.folder() as folder:
        url = found.engine.url.render_as_string(hide_password=False)
        with panels.panel(url, folder) as panel, screen.browser() as browser:
            context = screen.signed_in(browser, panel)
            if options.only != "tabs":
                with panels.bare_page(folder, "vacia", panels.EMPTY_PAGE) as empty:
                    for figure in _screens(context, panel, empty, options):
                        _keep(figures, figure)
            cookie = screen.cookie(context)
            context.close()
            if options.only != "screens":
                with panels.bare_page(folder, "late", panels.TICKING_PAGE) as bare:
                    _keep(figures, _bare_tabs(bare, options.seconds))
            for figure in _tabs(found, panel, cookie, options.seconds) if options.only != "screens" else ():
                _keep(figures, figure)
            facts["memory of the panel at the end"] = f"{panel.memory():.0f} MB"


def _screens(context: BrowserContext, panel: Served, empty: Served, options: argparse.Namespace) -> Iterator[Figure]:
    first, ours, bare = list[float](), list[float](), list[float]()
    for number in range(-2, options.rounds):
        painted, took = screen.first_paint(context, panel.url)
        empty_took = screen.load(context, empty.url, "Nada.")
        if number >= 0:
            first.append(painted)
            ours.append(took)
            bare.append(empty_took)
    yield p95_within("first paint after the sign-in: the sentence that says it all", 1500, first)
    ratio = statistics.median(ours) / statistics.median(bare)
    yield Figure(
        "… the page itself, Inicio to its sentence, beside an empty Streamlit page to its words",
        "≤ 1.3×",
        f"{spread(ours)}, {ratio:.2f}× ({spread(bare)})",
        ratio <= 1.3,
        ours,
    )
    for name, (address, words) in screen.PAGES.items():
        busy = panel.cpu()
        loads = [screen.load(context, f"{panel.url}/{address}", words) for _ in range(3)]
        yield told(
            f"… {name}, from its address ({(panel.cpu() - busy) / 3 * 1000:.0f} ms of the panel's processor)", loads
        )
    yield p95_within("a tick in the table to the updated bar", 400, screen.ticks(context, panel.url, options.ticks))
    changed = screen.changes(context, panel.url, options.rounds)
    yield p95_within("a page or filter change", 500, [took for found in changed.values() for took in found])
    for what, found in changed.items():
        yield told(f"… {what}", found)


def _tabs(found: Database, panel: Served, cookie: str, seconds: float) -> Iterator[Figure]:
    """Of the same page, opened one after the other and left alone."""
    memory: dict[int, float] = {}
    work: dict[int, tuple[float, float]] = {}
    with tabs(panel.url, cookie, "progreso", "/vivo/progreso") as opened:
        for count, goal in ((1, 0), (20, 15), (50, 30)):
            opened.open(count - max(memory, default=0))
            time.sleep(SETTLE_SECONDS)
            opened.waits.clear()
            load = DatabaseLoad(found.engine)
            share, passed = _busy(panel, seconds)
            work[count] = (load.cpu() / passed, load.transactions() / passed)
            memory[count] = panel.memory()
            words = f"{share:.1%} of a core, {len(opened.waits) / passed:.1f} ticks/s at {spread(opened.waits)}"
            name = f"{count} open Progreso tabs" if count > 1 else "1 open Progreso tab"
            yield Figure(name, f"≤ {goal} %" if goal else "–", words, share * 100 <= goal if goal else None)
    told_load = "; ".join(f"{n} tabs: {cpu:.1%}, {ended:.0f} transactions/s" for n, (cpu, ended) in work.items())
    grown = work[20][0] - work[1][0]
    yield Figure("… load of the database: of a core", "20 tabs: ≤ 3 % more than 1", told_load, grown <= 0.03)
    a_tab = (memory[50] - memory[1]) / 49
    yield Figure("… memory a tab", "≤ 1 MB", f"{a_tab:.2f} MB", a_tab <= 1)


def _bare_tabs(bare: Served, seconds: float) -> Figure:
    """What Streamlit itself takes on this machine for pages that hardly show anything."""
    with tabs(bare.url, "", "") as opened:
        opened.open(20)
        time.sleep(SETTLE_SECONDS)
        opened.waits.clear()
        share, passed = _busy(bare, seconds)
        words = f"{share:.1%} of a core, {len(opened.waits) / passed:.1f} ticks/s at {spread(opened.waits)}"
    return Figure("20 open tabs of a bare Streamlit page: four figures and a bar every 2 s, no database", "–", words)


def _busy(panel: Served, seconds: float) -> tuple[float, float]:
    """(its share of a core, the seconds it was watched for)."""
    busy, began = panel.cpu(), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    return (panel.cpu() - busy) / passed, passed


def _keep(figures: list[Figure], figure: Figure) -> None:
    figures.append(figure)
    _say(f"{figure.what}: {figure.measured}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description="The panel at a million jobs.")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=8, help="of each load and of each change")
    parser.add_argument("--ticks", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=20, help="that each number of tabs is watched for")
    parser.add_argument("--only", choices=("screens", "tabs"), help="a half of it")
    parser.add_argument("--small", action="store_true", help="22,000 articles, 20,000 jobs, few rounds")
    parser.add_argument("--url", help="of a database seeded before, instead of a new one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every sample, for keeping")
    options = parser.parse_args(arguments)
    if options.small:
        options.articles, options.finished, options.rounds, options.ticks, options.seconds = 22_000, 20_000, 2, 8, 5
    return options


if __name__ == "__main__":
    raise SystemExit(main())
