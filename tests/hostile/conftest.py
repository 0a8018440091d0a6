from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text

from core.access.actors import Role
from core.access.sessions import digest, new_token
from tests.browser.conftest import page, panel, signed_in  # noqa: F401 - fixtures


@dataclass(frozen=True)
class Visitor:
    """Somebody with sessions that were opened in time; None: signed out."""

    user_id: int | None
    cookie: str | None  #: of the panel
    bearer: str | None  #: of the API


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(engine: Engine) -> Visit:
    def make(role: Role, *, active: bool = True) -> Visitor:
        cookie, bearer = new_token(), new_token()
        with engine.begin() as connection:
            user_id = connection.execute(
                text(
                    "INSERT INTO revelado.users (email, name, password_hash, role, active)"
                    " VALUES (:email, 'Ana', '', :role, :active) RETURNING id"
                ),
                {"email": f"{digest(cookie).hex()[:12]}@oculto.test", "role": role, "active": active},
            ).scalar_one()
            for token, kind in ((cookie, "panel"), (bearer, "api")):
                connection.execute(
                    text(
                        "INSERT INTO revelado.sessions (token_hash, user_id, kind, expires_at)"
                        " VALUES (:hash, :user_id, :kind, now() + interval '1 hour')"
                    ),
                    {"hash": digest(token), "user_id": user_id, "kind": kind},
                )
        return Visitor(user_id, cookie, bearer)

    return make
