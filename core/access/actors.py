"""Who asks. Every use case that changes something takes an `Actor` and states the role it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from core.errors import NotAllowed


class Role(StrEnum):
    VIEWER = "consulta"
    OPERATOR = "operador"
    ADMIN = "administrador"


Via = Literal["panel", "api", "cli"]

_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


@dataclass(frozen=True)
class Actor:
    """`id` is None for the machine itself: the worker, and the command line of whoever owns the server.

    `address` and `via`: from where they ask, for the audit log.
    """

    id: int | None
    name: str
    role: Role
    address: str = field(default="", compare=False)
    via: Via = field(default="cli", compare=False)

    def can(self, role: Role) -> bool:
        return _RANK[self.role] >= _RANK[role]

    def require(self, role: Role) -> None:
        if not self.can(role):
            raise NotAllowed


SYSTEM = Actor(None, "sistema", Role.ADMIN)
