"""A new user gets a link that works once; and a user ends what they opened."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.access import invitations, sessions, users
from core.access.actors import SYSTEM, Role
from core.access.invitations import InvitationOver
from core.access.sign_in import SignInRefused, sign_in
from core.errors import InvalidInput, NotAllowed
from tests.shop import run_sql

PASSWORD = "cuatro palabras muy largas"


def enter(engine: Engine, password: str) -> str:
    return sign_in(engine, "eva@x.co", password, ip="", user_agent="", kind="panel")


def test_an_invitation_lets_choose_a_password_once(engine: Engine) -> None:
    _user, token = invitations.invite(engine, SYSTEM, email="Eva@x.co", name="Eva", role=Role.OPERATOR)
    for _ in range(2):  # looking at it uses nothing up
        assert invitations.who(engine, token) == invitations.Invited("eva@x.co", "Eva")
    with pytest.raises(InvalidInput):
        invitations.accept(engine, token, "corta")
    assert invitations.accept(engine, token, PASSWORD) == "eva@x.co"
    assert sessions.resolve(engine, enter(engine, PASSWORD), "panel")
    with pytest.raises(InvitationOver):
        invitations.accept(engine, token, PASSWORD)
    assert invitations.who(engine, token) is None


def test_another_invitation_ends_the_first_and_the_password(engine: Engine) -> None:
    user, first = invitations.invite(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.OPERATOR)
    invitations.accept(engine, first, PASSWORD)
    open_now = enter(engine, PASSWORD)
    second = invitations.invite_again(engine, SYSTEM, user.id)
    third = invitations.invite_again(engine, SYSTEM, user.id)
    assert sessions.resolve(engine, open_now, "panel") is None
    with pytest.raises(SignInRefused):
        enter(engine, PASSWORD)
    assert invitations.who(engine, second) is None and invitations.who(engine, third)


@pytest.mark.parametrize(
    "ends", ["UPDATE revelado.invitations SET expires_at = now()", "UPDATE revelado.users SET active = false"]
)
def test_a_late_one_and_one_of_somebody_switched_off_open_nothing(engine: Engine, ends: str) -> None:
    _user, token = invitations.invite(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.VIEWER)
    run_sql(engine, ends)
    with pytest.raises(InvitationOver):
        invitations.accept(engine, token, PASSWORD)


def test_only_administrators_invite(engine: Engine) -> None:
    user, _token = invitations.invite(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.VIEWER)
    from core.access.actors import Actor

    for role in (Role.VIEWER, Role.OPERATOR):
        with pytest.raises(NotAllowed):
            invitations.invite_again(engine, Actor(1, "x", role), user.id)
    assert [u.email for u in users.list_users(engine, SYSTEM)] == ["eva@x.co"]
