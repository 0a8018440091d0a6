"""Role × use case: everything that changes something states the role it needs, and one that isn't listed here fails."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

import core
from core import cli
from core.access.actors import Actor, Role
from core.access.audit import AuditFilter
from core.catalog.photos import PhotoReport
from core.errors import AppError, NotAllowed
from core.queue.history_filter import HistoryFilter
from core.recipes.draft import Draft
from core.review.desk import Filter
from tests.shop import rows

V, O, A = Role.VIEWER, Role.OPERATOR, Role.ADMIN  # noqa: E741 - a table of one-letter cells
DRAFT = Draft("faithful", "x")

#: use case → (the lowest role, arguments by keyword besides engine and actor).
MATRIX: dict[str, tuple[Role, dict[str, Any]]] = {
    "access.api_tokens.create": (O, {"name": "x", "scope": "operate", "days": 1}),
    "access.api_tokens.revoke": (V, {"token_id": 0}),
    "access.audit.export": (V, {"what": "x"}),
    "access.audit.page": (A, {"where": AuditFilter(), "limit": 1}),
    "access.audit.people": (A, {}),
    "access.invitations.invite": (A, {"email": "x@x.co", "name": "x", "role": V}),
    "access.invitations.invite_again": (A, {"user_id": 0}),
    "access.own_sessions.end_all_of": (A, {"user_id": 0}),
    "access.own_sessions.end_one_of": (A, {"user_id": 0, "session_id": "00"}),
    "access.own_sessions.open_sessions_of": (A, {"user_id": 0}),
    "access.users.create_user": (A, {"email": "y@x.co", "name": "y", "role": V}),
    "access.users.list_users": (A, {}),
    "access.users.reset_password": (A, {"user_id": 0}),
    "access.users.set_active": (A, {"user_id": 0, "active": False}),
    "access.users.set_role": (A, {"user_id": 0, "role": V}),
    "catalog.csv_import.import_csv": (O, {"data": b"nombre\nx\n"}),
    "catalog.demo.remove_demo": (A, {"local_host": None}),
    "catalog.photos.add_photos": (O, {"host": None, "files": []}),
    "queue.clean.clean": (A, {"days": 7}),
    "queue.enqueue.enqueue": (O, {"articulo_ids": [1], "origin": "panel"}),
    "queue.manage.cancel": (O, {"job_ids": [0]}),
    "queue.manage.move_to_front": (O, {"job_ids": [0]}),
    "queue.manage.reprioritise": (O, {"prioridad": 1, "job_ids": [0]}),
    "queue.pause.pause": (O, {"reason": "x"}),
    "queue.pause.resume": (O, {}),
    "queue.pilot.cancel": (O, {"batch_id": 0}),
    "queue.pilot.release": (O, {"batch_id": 0}),
    "queue.retry.retry": (O, {"job_ids": [0]}),
    "queue.retry.retry_causes": (O, {"causes": ["x"], "seen": 0}),
    "queue.retry.retry_matching": (O, {"where": HistoryFilter(), "seen": 0}),
    "queue.retry.retry_one": (O, {"job_id": 0}),
    "recipes.edit.adopt": (A, {"draft_id": 0}),
    "recipes.edit.archive": (A, {"recipe_id": 0}),
    "recipes.edit.assign": (A, {"categoria_id": 0, "recipe_id": 0}),
    "recipes.edit.create": (A, {"name": "x", "draft": DRAFT}),
    "recipes.edit.rename": (A, {"recipe_id": 0, "name": "x", "before": "y"}),
    "recipes.edit.restore": (A, {"version_id": 0, "based_on": 0}),
    "recipes.edit.save": (A, {"draft": DRAFT, "based_on": 0}),
    "recipes.edit.take_out": (A, {"recipe_id": 0}),
    "recipes.trial.discard": (A, {"batch_id": 0}),
    "recipes.trial.start": (A, {"draft": DRAFT, "categoria_id": None, "articulo_ids": [1], "based_on": 0}),
    "review.decide.approve": (O, {"picture_id": 0}),
    "review.decide.approve_good": (O, {"batch_id": 0, "picture_ids": []}),
    "review.decide.keep_original": (O, {"picture_id": 0}),
    "review.decide.redo": (O, {"picture_id": 0}),
    "review.decide.reject": (O, {"picture_id": 0, "reason": "x"}),
    "review.desk.next_cases": (O, {"where": Filter()}),
    "review.desk.release": (O, {"picture_ids": []}),
    "review.desk.renew": (O, {"picture_ids": []}),
    "review.diagnosis.diagnose": (O, {"market": None, "read": None, "picture_id": 0, "category_id": "x"}),
    "review.taking_back.take_back": (O, {"decision_id": 0}),
    "review.undo_batch.undo_batch": (O, {"batch_id": 0}),
    "review.tally.today": (V, {"timezone": "UTC"}),
    "review.versions.restore": (O, {"picture_id": 0}),
    "notify.notices.ask_for_help": (O, {"cause": "x", "count": 1}),
    "settings.change.change_all": (A, {"values": {"in_flight": 3}, "timezone": "UTC"}),
    "settings.change.change": (A, {"name": "in_flight", "value": 3}),
}

#: One's own things, for everybody who is signed in; and what borders tell the log.
OWN = {
    "access.api_tokens.own", "access.audit.refusal", "access.audit.stream", "access.idempotency.begin",
    "access.idempotency.finish", "access.own_sessions.end_all", "access.own_sessions.end_one",
    "access.own_sessions.end_others", "access.own_sessions.open_sessions", "access.sessions.change_password",
    "access.second_factor.begin", "access.second_factor.confirm", "access.second_factor.is_on",
    "access.second_factor.turn_off", "access.remembered.forget_filter", "access.remembered.prefer",
    "access.remembered.preferences",
    "access.remembered.save_filter", "access.remembered.saved_filters", "access.users.set_language",
    "review.undo_batch.undoable", "notify.notices.mark_seen", "notify.notices.set_browser", "notify.notices.unseen",
    "notify.notices.wants_browser",
}  # fmt: skip
PACKAGES = ("access", "catalog", "money", "notify", "pipeline", "queue", "recipes", "review", "settings")
#: Whoever can run them owns the installation: they ask nobody.
COMMANDS = {"start", "migrate", "status", "doctor", "user", "audit", "catalog", "enqueue", "demo"}


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function that takes somebody who asks and a database."""
    for package in PACKAGES:
        folder = importlib.import_module(f"core.{package}")
        for found in pkgutil.iter_modules(folder.__path__):
            module = importlib.import_module(f"core.{package}.{found.name}")
            for name, function in vars(module).items():
                if not inspect.isfunction(function) or function.__module__ != module.__name__ or name.startswith("_"):
                    continue
                kinds = {p.annotation for p in inspect.signature(function).parameters.values()}
                if "Engine" in kinds and kinds & {"Actor", "Session"}:
                    yield f"{package}.{found.name}.{name}", function


USE_CASES = dict(use_cases())


def test_every_use_case_is_in_the_matrix() -> None:
    assert set(USE_CASES) == set(MATRIX) | OWN, "say here which role a new use case needs"


def test_who_lacks_the_role_is_refused_by_every_use_case_and_nothing_changes(engine: Engine) -> None:
    before = _state(engine)
    for name, (lowest, asked) in MATRIX.items():
        for role in Role:
            actor = Actor(1, "x", role)
            if actor.can(lowest):
                continue
            with pytest.raises(NotAllowed):
                USE_CASES[name](engine=engine, actor=actor, **asked)
                pytest.fail(f"{name} let {role} in")
    assert _state(engine) == before


def test_who_has_the_role_is_never_refused_for_it(engine: Engine) -> None:
    for name, (lowest, asked) in MATRIX.items():
        for role in Role:
            actor = Actor(1, "x", role)
            if not actor.can(lowest) or name in ("access.api_tokens.create", "review.diagnosis.diagnose"):
                continue
            try:
                done = USE_CASES[name](engine=engine, actor=actor, **asked)
                assert done is None or not isinstance(done, NotAllowed | PhotoReport) or done
            except NotAllowed:
                pytest.fail(f"{name} refused {role}")
            except AppError:
                pass  # nothing of what it names exists


def test_the_command_line_has_no_command_that_nobody_thought_of() -> None:
    parser = cli._parser()
    [commands] = [action.choices for action in parser._actions if action.choices]
    assert set(commands) == COMMANDS


def _state(engine: Engine) -> list[Any]:
    tables = rows(engine, "SELECT schemaname, relname FROM pg_stat_user_tables ORDER BY 1, 2")
    return [
        (t.relname, rows(engine, f"SELECT count(*) FROM {t.schemaname}.{t.relname}")[0][0])
        for t in tables
        if t.schemaname in ("public", "revelado")
    ]


def test_no_package_of_use_cases_is_left_out() -> None:
    folders = {found.name for found in pkgutil.iter_modules(core.__path__) if found.ispkg}
    assert folders - {"api", "db", "providers", "ui", "inspect", "cli"} == set(PACKAGES)
