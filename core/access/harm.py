"""Limits of harm: what costs or removes much is asked again, with its figures; above a setting it takes an administrator."""

from __future__ import annotations

from decimal import Decimal

from core.access.actors import Actor, Role
from core.errors import AppError, Conflict, Words
from core.settings.values import Tuning

#: Up to these nobody is asked again.
ARTICLES, COST = 500, Decimal(20)
#: How far what was chosen by a filter may have grown since a person saw how many they are.
MUCH_MORE = 1.1


class NeedsConfirmation(Conflict):
    code = "needs_confirmation"
    message = 'Son {count} {what} (US$ {cost}). Si es lo que quiere, repita la solicitud con "confirmar": true.'

    def __init__(self, count: int, what: str, cost: Decimal) -> None:
        super().__init__(count=count, what=what, cost=f"{cost:.2f}")


class NeedsAdministrator(AppError):
    code, status = "needs_administrator", 403
    message = (
        "Son {count} artículos (US$ {cost}), más de lo que su usuario puede pedir de una vez: {articles} artículos o"
        " US$ {usd}. Pídalo a un administrador, o hágalo en partes."
    )


class UndoNeedsAdministrator(NeedsAdministrator):
    code = "undo_needs_administrator"
    message = (
        "Son {count} artículos, más de los {articles} que su usuario puede deshacer de una vez."
        " Pídalo a un administrador."
    )


def check_undo(actor: Actor, tuning: Tuning, count: int) -> None:
    """Raises UndoNeedsAdministrator."""
    if not actor.can(Role.ADMIN) and count > tuning.admin_over_articles:
        raise UndoNeedsAdministrator(count=count, articles=tuning.admin_over_articles)


def check_enqueue(actor: Actor, tuning: Tuning, count: int, cost: Decimal, confirmed: bool) -> None:
    """The machine itself, and whoever owns it, isn't asked. Raises NeedsAdministrator, NeedsConfirmation."""
    if actor.id is None:
        return
    if not actor.can(Role.ADMIN) and (count > tuning.admin_over_articles or cost > tuning.admin_over_usd):
        raise NeedsAdministrator(
            count=count, cost=f"{cost:.2f}", articles=tuning.admin_over_articles, usd=tuning.admin_over_usd
        )
    if not confirmed and (count > ARTICLES or cost > COST):
        raise NeedsConfirmation(count, "artículos", cost)


def check_grown(seen: int, now: int) -> None:
    """Nobody agreed to many more than they saw. Raises Conflict."""
    if now > seen * MUCH_MORE + 10:
        raise Conflict(
            why=Words("Eran {seen} artículos, ahora {now}. Mírelos y confirme otra vez.", seen=seen, now=now)
        )


def check_clean(actor: Actor, count: int, confirmed: bool) -> None:
    """Raises NeedsConfirmation."""
    if actor.id is not None and not confirmed and count > ARTICLES:
        raise NeedsConfirmation(count, "registros que se eliminan", Decimal(0))
