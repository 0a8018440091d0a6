"""What a run works with; the same for every article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine

from core.db.engine import durably
from core.inspect.studio import Studio
from core.providers.local_host import LocalHost
from core.providers.ports import Editor, Fetcher, Host
from core.recipes import recipes
from core.recipes.recipes import Version

T = TypeVar("T")


class HandBack(Exception):
    """Nothing was bought, and now it should not be: the worker stops or the queue was paused. No attempt is counted."""


@dataclass(frozen=True)
class Workshop:
    engine: Engine
    editor: Editor  #: redraws, where there is an account for it; else the same as `cutter`
    cutter: Editor  #: cuts out, on this machine
    host: Host
    local_host: LocalHost
    fetcher: Fetcher
    studio: Studio
    timezone: str  #: the shop's: its budget's day ends at its midnight
    legacy_base: str | None
    stopping: Callable[[], bool]  #: no new purchase once true
    must_leave: Callable[[], bool]  #: the patience for what is in flight is over, too
    next_for: Callable[[], UUID | None]  #: the worker that takes the next article in one go with the end of this one
    rest: Callable[[float], object]  #: waits these seconds, less when the worker is told to stop
    _recipes: dict[int, Version] = field(default_factory=dict, init=False)

    def recipe(self, version_id: int) -> Version:
        """Read once: a version never changes."""
        if version_id not in self._recipes:
            self._recipes[version_id] = self.durably(lambda c: recipes.load(c, version_id))
        return self._recipes[version_id]

    def editor_for(self, kind: str) -> Editor:
        """Who makes a recipe's pictures: one that never redraws the product needs no service."""
        return self.cutter if kind == "faithful" else self.editor

    def editor_named(self, name: str) -> Editor | None:
        return next((editor for editor in (self.editor, self.cutter) if editor.name == name), None)

    def durably(self, work: Callable[[Connection], T]) -> T:
        """One transaction, repeated while the database is away and there is patience."""
        return durably(self.engine, work, self.must_leave)

    def stop_before_buying(self) -> None:
        if self.stopping():
            raise HandBack
