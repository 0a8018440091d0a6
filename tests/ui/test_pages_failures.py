import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from core import errors as error_tree
from core.access import audit
from core.access.actors import SYSTEM, Actor, Role
from core.access.harm import NeedsAdministrator, NeedsConfirmation
from core.errors import NotAllowed
from core.notify import notices
from core.queue import failures, retry
from core.queue.enqueue import enqueue
from core.settings.change import change
from core.ui import failure_words
from tests.integration.counter import until_blocked
from tests.shop import rows
from tests.ui.pages_harness import Panel, add_articles, finish

Open = Callable[..., Panel]


def fail(engine: Engine, actor: Actor, count: int, code: str | None, message: str = "x") -> list[int]:
    done = enqueue(engine, actor, add_articles(engine, count), origin="panel")
    ids = [added.queue_id for added in done.added]
    for job_id in ids:
        finish(engine, job_id, "failed", error=message)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE image_processing_queue SET error_code = :code, error_stack = 'Traceback' WHERE id = ANY(:ids)"
            ),
            {"code": code, "ids": ids},
        )
    return ids


def states(engine: Engine) -> dict[str, int]:
    return {r.estado: r.n for r in rows(engine, "SELECT estado, count(*) AS n FROM image_processing_queue GROUP BY 1")}


@pytest.mark.parametrize("role", list(Role))
def test_without_failures_the_page_says_so_and_the_next_step(panel: Open, role: Role) -> None:
    tab = panel(role)
    at = tab.open("failures")
    assert "No hay fallidos" in tab.words
    assert "Ver el progreso" in [link.label for link in at.get("page_link")]


def test_failures_are_grouped_by_cause_in_plain_words(panel: Open, engine: Engine, operator: Actor) -> None:
    fail(engine, operator, 3, "source_gone")
    fail(engine, operator, 2, "truncated_image")
    fail(engine, operator, 2, "unreadable_source")
    fail(engine, operator, 1, None)
    tab = panel(Role.VIEWER)
    at = tab.open("failures")
    assert "8 artículos no salieron y conservan la foto que tenían.** Por 3 causas distintas." in tab.words
    titles = [title.value.replace("\\", "") for title in at.header]
    # Two codes that mean the same to staff are one cause, and the most frequent comes first.
    assert titles == [
        "La foto está dañada o no se puede abrir", "La foto ya no existe", "Falló en el sistema anterior",
    ]  # fmt: skip
    assert "4 artículos, desde el " in tab.words
    assert not any(tab.has_button(word) for word in ("Reintentar", "Cargar", "Avisar"))


def test_all_of_a_cause_are_retried_after_a_confirmation_with_count_and_cost(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    fail(engine, operator, 3, "blank_picture")
    fail(engine, operator, 1, "source_gone")
    tab = panel(Role.OPERATOR)
    at = tab.open("failures")
    tab.button("Reintentar 3 artículos").click()
    at.run()
    assert "3 artículos vuelven a la cola, junto a lo que ya espera: sin costo" in tab.words
    at.button("confirm_retry_cause").click()
    at.run()
    assert not at.exception
    assert "3 artículos volvieron a la cola." in tab.words
    assert states(engine) == {"pending": 3, "failed": 1}


def test_what_changed_while_the_confirmation_was_open_is_counted_anew(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    ids = fail(engine, operator, 3, "blank_picture")
    tab = panel(Role.OPERATOR)
    at = tab.open("failures")
    tab.button("Reintentar 3 artículos").click()
    at.run()
    retry.retry(engine, operator, ids[:1])
    at.button("confirm_retry_cause").click()
    at.run()
    assert "2 artículos volvieron a la cola. Eran 3 al abrir la confirmación." in tab.words


def test_many_more_than_were_seen_are_asked_again_and_then_retried(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    fail(engine, operator, 3, "blank_picture")
    tab = panel(Role.OPERATOR)
    at = tab.open("failures")
    tab.button("Reintentar 3 artículos").click()
    at.run()
    fail(engine, operator, 20, "blank_picture")
    at.button("confirm_retry_cause").click()
    at.run()
    assert "Eran 3 artículos, ahora 23. Mírelos y confirme otra vez." in tab.words
    assert states(engine) == {"failed": 23}
    at.button("confirm_retry_cause").click()
    at.run()
    assert states(engine) == {"pending": 23}


def test_a_photo_to_be_replaced_leads_to_the_catalogue_and_can_be_retried_afterwards(
    panel: Open, engine: Engine, operator: Actor
) -> None:
    fail(engine, operator, 2, "too_small")
    tab = panel(Role.OPERATOR)
    tab.open("failures")
    assert tab.has_button("Cargar otra foto en Catálogo")
    assert tab.has_button("Ya se corrigió: reintentar 2")


def test_what_only_an_administrator_can_mend_is_told_to_them_once(panel: Open, engine: Engine, operator: Actor) -> None:
    fail(engine, operator, 2, "disk_full")
    tab = panel(Role.OPERATOR)
    at = tab.open("failures")
    for _twice in range(2):
        tab.button("Avisar a un administrador").click()
        at.run()
        assert not at.exception
    [told] = rows(engine, "SELECT kind, params FROM revelado.notices")
    assert (told.kind, told.params) == ("help_wanted", {"cause": "disk_full", "count": 2, "by": "Beto"})


def test_the_technical_detail_is_folded_and_names_the_code(panel: Open, engine: Engine, operator: Actor) -> None:
    fail(engine, operator, 1, "source_gone", "La foto ya no existe en su dirección (respuesta 404).")
    tab = panel(Role.VIEWER)
    at = tab.open("failures")
    assert not at.dataframe and not at.code


def test_an_article_that_was_made_since_is_no_failure_any_more(engine: Engine, operator: Actor) -> None:
    [failed] = fail(engine, operator, 1, "blank_picture")
    [article] = [r.articulo_id for r in rows(engine, "SELECT articulo_id FROM image_processing_queue")]
    assert [(g.cause, g.count) for g in failures.groups(engine)] == [("blank_picture", 1)]
    [again] = enqueue(engine, operator, [article], origin="panel").added
    finish(engine, again.queue_id, "completed")
    assert failures.groups(engine) == []
    assert retry.retry_causes(engine, operator, ["blank_picture"], seen=0) == 0
    assert states(engine) == {"failed": 1, "completed": 1} and failed != again.queue_id


def test_what_costs_much_is_retried_by_a_yes_and_above_the_setting_by_an_administrator(
    engine: Engine, operator: Actor, admin: Actor
) -> None:
    fail(engine, operator, 2, "blank_picture")
    fail(engine, operator, 1, "source_gone")
    person, causes = replace(operator, id=7), ["blank_picture", "source_gone"]
    with pytest.raises(NeedsConfirmation, match="3 artículos"):
        retry.retry_causes(engine, person, causes, seen=3, each=Decimal(7))
    change(engine, SYSTEM, "admin_over_articles", 2)
    with pytest.raises(NeedsAdministrator):
        retry.retry_causes(engine, person, causes, seen=3, confirmed=True)
    assert states(engine) == {"failed": 3}
    assert retry.retry_causes(engine, replace(admin, id=8), causes, seen=3, each=Decimal(7), confirmed=True) == 3


def test_two_causes_at_once_stand_in_nobodys_way(engine: Engine, operator: Actor) -> None:
    """Whoever holds a job of the second cause is let past to the audit log, which has one place for all."""
    fail(engine, operator, 1, "blank_picture")
    [held] = fail(engine, operator, 1, "source_gone")
    retried = threading.Thread(
        target=retry.retry_causes, args=(engine, operator, ["blank_picture", "source_gone"]), kwargs={"seen": 2}
    )
    with engine.connect() as other:
        other.execute(text("SELECT FROM image_processing_queue WHERE id = :id FOR UPDATE"), {"id": held})
        retried.start()
        until_blocked(engine, retried)
        audit.record(other, operator, "cancel", jobs=0)
        other.commit()
    retried.join(30)
    assert states(engine) == {"pending": 2}


def test_only_operators_retry_a_cause_or_ask_for_help(engine: Engine, viewer: Actor) -> None:
    with pytest.raises(NotAllowed):
        retry.retry_causes(engine, viewer, ["source_gone"], seen=1)
    with pytest.raises(NotAllowed):
        notices.ask_for_help(engine, viewer, "disk_full", 1)


def test_every_error_that_ends_a_job_has_its_own_words() -> None:
    import core.cli  # noqa: F401 - brings every module that defines an error

    def codes(kind: type[error_tree.JobError]) -> set[str]:
        # Tests have errors of their own.
        own = {kind.code} if kind.__module__.startswith("core.") else set()
        return own | {code for sub in kind.__subclasses__() for code in codes(sub)}

    ending = codes(error_tree.JobError) - codes(error_tree.PausesQueue) - codes(error_tree.LostClaim)
    told_elsewhere = {
        "job", "unexpected", "wait_for_place", "paused", "being_made", "error", "webhook_refused", "webhook_unreachable",
    }  # fmt: skip
    general = failure_words.of("unexpected")
    missing = {c for c in ending - told_elsewhere if not c.startswith("market") and failure_words.of(c) == general}
    assert missing - {"picture_not_diagnosed"} == set()
