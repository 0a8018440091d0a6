"""A person's sitting at Revisión: what the browser asks for, carried out once each, and what it is answered.

The browser goes on to the next picture before the answer is there. It repeats what it asked until it is answered, and
numbers it, so that a lost connection loses no decision and doubles none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import Engine

from core.access.actors import Actor
from core.errors import AppError, NotFound
from core.review import decide, desk, tally
from core.review.desk import Case, Counts, Filter
from core.ui import errors

Action = Literal["approve", "reject", "redo", "keep_original", "undo"]

#: Pictures whose addresses the browser has before they are asked for: the one on the screen among them.
BUFFER = 5
#: Of those that were passed over, how many can be gone back to without losing them to somebody else.
KEPT = 5
_MOST = 500  # numbers in a list from the browser
_ANSWERS = 30


@dataclass(frozen=True)
class Order:
    """`seq` counts up within a tab. `undoes`: the `seq` of what is taken back."""

    seq: int
    action: Action
    picture_id: int
    words: str = ""  #: of a reason or a note
    recipe_version_id: int | None = None
    undoes: int | None = None
    decision_id: int | None = None


@dataclass(frozen=True)
class Message:
    tab: str = ""
    orders: tuple[Order, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass
class Sitting:
    """Lives as long as the browser's session, whatever the filter."""

    done: dict[str, int] = field(default_factory=dict)  #: last `seq` carried out, by tab
    answers: list[dict[str, object]] = field(default_factory=list)
    decisions: dict[tuple[str, int], int] = field(default_factory=dict)
    decided: int = 0
    earlier: int = 0  #: decided today before it, or elsewhere
    held: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Served:
    cases: list[Case]
    counts: Counts
    elsewhere: int = 0  #: that the filter leaves out, once nothing of it is left
    today: dict[str, int] = field(default_factory=dict)  #: what the person decided, then too; of `core.review.tally`


def read(message: object) -> Message:
    """What came from the browser, whatever it is: what makes no sense is left out."""
    if not isinstance(message, Mapping):
        return Message()
    listed, skipped = message.get("orders"), message.get("skipped")
    orders = [_order(one) for one in (listed if isinstance(listed, list) else [])[:_MOST]]
    return Message(
        tab=str(message.get("tab", ""))[:40],
        orders=tuple(sorted((order for order in orders if order), key=lambda order: order.seq)),
        skipped=tuple(n for n in (skipped if isinstance(skipped, list) else [])[-_MOST:] if _whole(n) is not None),
    )


def asks_something(sitting: Sitting, message: Message) -> bool:
    """Or it is only a sign of life."""
    return any(order.seq > sitting.done.get(message.tab, 0) for order in message.orders)


def obey(engine: Engine, actor: Actor, sitting: Sitting, message: Message) -> None:
    """What wasn't carried out yet. Raises DBAPIError when the database is away: what is left is then asked again."""
    for order in message.orders:
        if order.seq <= sitting.done.get(message.tab, 0):
            continue
        answer: dict[str, object] = {"tab": message.tab, "seq": order.seq, "error": ""}
        try:
            answer["decision"] = _carry_out(engine, actor, sitting, message.tab, order)
        except AppError as error:
            answer["error"] = errors.text_of(error)
        sitting.done[message.tab] = order.seq
        sitting.answers = [*sitting.answers, answer][-_ANSWERS:]


def serve(engine: Engine, actor: Actor, sitting: Sitting, where: Filter, message: Message, timezone: str) -> Served:
    """The next pictures, and for how long the last ones passed over are still held. `timezone`: the shop's."""
    kept = message.skipped[-KEPT:]
    cases = desk.next_cases(engine, actor, where, BUFFER, message.skipped)
    held = {case.picture_id for case in cases} | set(kept)
    if kept:
        desk.renew(engine, actor, kept)
    if gone := sitting.held - held:
        desk.release(engine, actor, sorted(gone))
    sitting.held = held
    counts = desk.waiting(engine, where)
    if counts.total:
        return Served(cases, counts)
    elsewhere = desk.waiting(engine, Filter()).total if where != Filter() else 0
    return Served(cases, counts, elsewhere, tally.today(engine, actor, timezone))


def _carry_out(engine: Engine, actor: Actor, sitting: Sitting, tab: str, order: Order) -> int | None:
    if order.action == "undo":
        decision_id = order.decision_id or sitting.decisions.get((tab, order.undoes or 0))
        if decision_id is None:
            raise NotFound(what="esa decisión")
        decide.take_back(engine, actor, decision_id)
        sitting.decided -= 1
        return None
    acts: dict[Action, Callable[[], int]] = {
        "approve": lambda: decide.approve(engine, actor, order.picture_id),
        "reject": lambda: decide.reject(engine, actor, order.picture_id, order.words),
        "keep_original": lambda: decide.keep_original(engine, actor, order.picture_id),
        "redo": lambda: decide.redo(
            engine, actor, order.picture_id, recipe_version_id=order.recipe_version_id, note=order.words
        ),
    }
    decision_id = acts[order.action]()
    sitting.decisions[tab, order.seq] = decision_id
    sitting.decided += 1
    return decision_id


def _order(raw: Any) -> Order | None:
    if not isinstance(raw, Mapping) or raw.get("action") not in get_args(Action):
        return None
    seq, picture_id = _whole(raw.get("seq")), _whole(raw.get("id"))
    if seq is None or picture_id is None:
        return None
    return Order(
        seq=seq,
        action=raw["action"],
        picture_id=picture_id,
        words=str(raw.get("words") or "")[:1000],
        recipe_version_id=_whole(raw.get("recipe")),
        undoes=_whole(raw.get("undoes")),
        decision_id=_whole(raw.get("decision")),
    )


def _whole(value: object) -> int | None:
    """A number that fits an id."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else None
