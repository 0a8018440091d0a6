"""The audit log: in the act's own transaction, append-only, and a line removed or altered shows."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.access import audit, audit_chain, users
from core.access.actors import SYSTEM, Actor, Role
from core.access.audit import AuditFilter
from core.access.sign_in import SignInLocked, SignInRefused, sign_in
from core.errors import NotAllowed
from core.queue.enqueue import enqueue
from core.settings.change import change
from tests.shop import articles, one, rows, run_sql


def lines(engine: Engine, kind: str) -> list[audit.Line]:
    return audit.page(engine, SYSTEM, AuditFilter(kind=kind), 100)


def tamper(engine: Engine, statement: str) -> None:
    """As the tables' owner who means harm: the guards off, the deed, the guards on."""
    run_sql(engine, "ALTER TABLE revelado.audit DISABLE TRIGGER audit_is_append_only")
    run_sql(engine, statement)
    run_sql(engine, "ALTER TABLE revelado.audit ENABLE TRIGGER audit_is_append_only")


def test_an_act_is_written_with_who_from_where_and_before_and_after(engine: Engine) -> None:
    ana = Actor(7, "Ana", Role.ADMIN, "10.0.0.9", "panel")
    change(engine, ana, "daily_budget", 50)
    [line] = lines(engine, "setting")
    assert (line.user_id, line.user_name, line.address, line.via) == (7, "Ana", "10.0.0.9", "panel")
    assert line.details == {"setting": "daily_budget", "before": "20", "after": "50.00"}
    assert one(engine, "SELECT now() - :at < interval '1 minute' AS fresh", at=line.at).fresh


def test_an_act_that_failed_leaves_no_line_and_one_that_is_refused_no_act(engine: Engine, viewer: Actor) -> None:
    ids = articles(engine, 1)
    with pytest.raises(NotAllowed):
        enqueue(engine, viewer, ids, origin="panel")
    assert lines(engine, "enqueue") == []


def test_a_webhooks_key_is_not_kept(engine: Engine, admin: Actor) -> None:
    change(engine, admin, "webhook_url", "https://hooks.example.com/T0/secret-key")
    assert lines(engine, "setting")[0].details["after"] == "hooks.example.com"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE revelado.audit SET user_name = 'Nadie'", "DELETE FROM revelado.audit", "TRUNCATE revelado.audit"],
)
def test_no_line_can_be_changed_or_removed(engine: Engine, admin: Actor, statement: str) -> None:
    change(engine, admin, "in_flight", 3)
    with pytest.raises(ProgrammingError, match=r"append-only|permission denied"):
        run_sql(engine, statement)


def test_number_time_and_hash_are_the_databases_whatever_is_given(engine: Engine) -> None:
    run_sql(
        engine,
        "INSERT INTO revelado.audit (id, at, kind, user_name, via, previous, hash)"
        " VALUES (99, '2001-01-01', 'enqueue', 'x', 'cli', '', '')",
    )
    assert one(engine, "SELECT id, at > now() - interval '1 minute' AS fresh FROM revelado.audit") == (1, True)
    assert audit_chain.verify(engine).problem is None


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("UPDATE revelado.audit SET user_name = 'Otra' WHERE id = 2", "La línea 2 se cambió"),
        ("UPDATE revelado.audit SET at = at - interval '1 day' WHERE id = 2", "La línea 2 se cambió"),
        ("UPDATE revelado.audit SET details = '{}' WHERE id = 3", "La línea 3 se cambió"),
        ("DELETE FROM revelado.audit WHERE id = 2", "Faltan las líneas 2 a 2"),
        ("DELETE FROM revelado.audit WHERE id > 2", "las últimas"),
        ("DELETE FROM revelado.audit", "Faltan las líneas 1 a 4"),
    ],
)
def test_what_was_altered_or_removed_shows(engine: Engine, admin: Actor, deed: str, told: str) -> None:
    for share in (3, 4, 5, 6):
        change(engine, admin, "in_flight", share)
    assert audit_chain.verify(engine) == audit_chain.Verified(4, audit_chain.verify(engine).end, None)
    tamper(engine, deed)
    assert told in (audit_chain.verify(engine).problem or "")


def test_a_chain_made_anew_shows_against_what_was_noted_down(engine: Engine, admin: Actor) -> None:
    for share in (3, 4):
        change(engine, admin, "in_flight", share)
    noted = audit_chain.verify(engine).end
    tamper(engine, "DELETE FROM revelado.audit")
    run_sql(engine, "UPDATE revelado.audit_head SET last_id = 0, hash = sha256('revelado')")
    change(engine, admin, "in_flight", 7)
    assert audit_chain.verify(engine).problem is None
    assert audit_chain.verify(engine, noted).problem
    change(engine, admin, "in_flight", 8)
    assert "no es la que se anotó" in (audit_chain.verify(engine, noted).problem or "")


def test_sign_ins_and_refusals_are_told_without_what_was_typed(engine: Engine) -> None:
    _user, password = users.create_user(engine, SYSTEM, email="ana@x.co", name="Ana", role=Role.VIEWER)

    def enter(email: str, typed: str) -> None:
        sign_in(engine, email, typed, ip="10.1.2.3", user_agent="", kind="panel")

    enter("ana@x.co", password)
    for email in ("ana@x.co", "my-secret-password"):
        with pytest.raises(SignInRefused):
            enter(email, "wrong")
    [entered] = lines(engine, "sign_in")
    assert (entered.user_name, entered.address, entered.via) == ("Ana", "10.1.2.3", "panel")
    assert [(line.user_name, line.details["why"]) for line in lines(engine, "sign_in_refused")] == [
        ("desconocido", "unknown"),
        ("Ana", "password"),
    ]
    written = " ".join(str(row) for row in rows(engine, "SELECT * FROM revelado.audit"))
    assert "my-secret-password" not in written and password not in written


def test_a_locked_account_is_told_once_a_minute_however_often_it_is_tried(engine: Engine) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(engine, "ana@x.co", "wrong", ip="10.1.2.3", user_agent="", kind="panel")
    for _ in range(5):
        with pytest.raises(SignInLocked):
            sign_in(engine, "ana@x.co", "wrong", ip="10.1.2.3", user_agent="", kind="panel")
    assert [line.details["why"] for line in lines(engine, "sign_in_refused")] == ["locked"] + ["unknown"] * 5


def test_only_administrators_read_it_page_by_page(engine: Engine, admin: Actor, operator: Actor) -> None:
    for share in range(1, 8):
        change(engine, admin, "in_flight", share)
    with pytest.raises(NotAllowed):
        audit.page(engine, operator, AuditFilter(), 10)
    first = audit.page(engine, admin, AuditFilter(), 5)
    second = audit.page(engine, admin, AuditFilter(), 5, first[-1].id)
    assert [line.id for line in first + second] == [7, 6, 5, 4, 3, 2, 1]
    assert [line.id for line in audit.stream(engine, admin, AuditFilter(user_name="Alicia"), chunk=3)] == list(
        range(7, 0, -1)
    )
    assert audit.page(engine, admin, AuditFilter(user_name="Nadie"), 5) == []


def test_acts_at_the_same_moment_make_one_chain(engine: Engine, admin: Actor) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda share: change(engine, admin, "in_flight", share), range(1, 33)))
    assert audit_chain.verify(engine).lines == 32
    assert audit_chain.verify(engine).problem is None
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(DISTINCT previous) FROM revelado.audit")) == 32
