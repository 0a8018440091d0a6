"""An administrator's second factor: asked for, each code once, guessing throttled, and ways back when the phone is lost."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import Engine

from core.access import invitations, second_factor, sessions, users
from core.access.actors import SYSTEM, Role
from core.access.second_factor import CodeNeeded
from core.access.sessions import Session
from core.access.sign_in import SignInLocked, SignInRefused, sign_in
from core.errors import InvalidInput, NotAllowed
from tests.shop import one, rows, run_sql

Enrolled = tuple[str, list[str], str]
PASSWORD = "cuatro palabras muy largas"


def enter(engine: Engine, code: str = "", password: str = PASSWORD) -> Session:
    token = sign_in(engine, "ada@x.co", password, ip="", user_agent="", kind="panel", code=code)
    found = sessions.resolve(engine, token, "panel")
    assert found is not None
    return found


@pytest.fixture
def ada(engine: Engine) -> Session:
    _user, token = invitations.invite(engine, SYSTEM, email="ada@x.co", name="Ada", role=Role.ADMIN)
    invitations.accept(engine, token, PASSWORD)
    return enter(engine)


@pytest.fixture
def enrolled(engine: Engine, ada: Session) -> Enrolled:
    """(the secret, the recovery codes, the code that confirmed)."""
    secret = second_factor.begin(engine, ada).secret
    code = now(engine, secret)
    return secret, second_factor.confirm(engine, ada, code), code


def now(engine: Engine, secret: str, steps: int = 0) -> str:
    seconds = one(engine, "SELECT extract(epoch FROM clock_timestamp())::bigint AS s").s
    return pyotp.TOTP(secret).at(seconds + steps * 30)


def forget_step(engine: Engine) -> None:
    run_sql(engine, "UPDATE revelado.users SET totp_step = NULL")


def test_until_it_is_confirmed_nothing_is_asked(engine: Engine, ada: Session) -> None:
    second_factor.begin(engine, ada)
    with pytest.raises(InvalidInput):
        second_factor.confirm(engine, ada, "abc")
    assert enter(engine) and not second_factor.is_on(engine, ada)


def test_then_a_code_is_asked_and_works_once(engine: Engine, enrolled: Enrolled) -> None:
    secret, _codes, confirmed = enrolled
    with pytest.raises(CodeNeeded):
        enter(engine)
    with pytest.raises(SignInRefused):  # the one that confirmed was used
        enter(engine, confirmed)
    forget_step(engine)
    code = now(engine, secret)
    assert enter(engine, f" {code[:3]} {code[3:]} ")
    with pytest.raises(SignInRefused):
        enter(engine, code)


def test_a_wrong_password_is_refused_before_any_code_is_asked(engine: Engine, enrolled: Enrolled) -> None:
    with pytest.raises(SignInRefused):
        enter(engine, password="otra cosa bien distinta")


def test_guessing_codes_locks_the_account(engine: Engine, enrolled: Enrolled) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            enter(engine, "000000x")
    with pytest.raises(SignInLocked):
        enter(engine, enrolled[1][0])


def test_a_recovery_code_works_once_and_only_hashes_are_kept(engine: Engine, enrolled: Enrolled) -> None:
    _secret, codes, _confirmed = enrolled
    assert len(set(codes)) == 10
    assert enter(engine, codes[0].upper())
    with pytest.raises(SignInRefused):
        enter(engine, codes[0])
    assert codes[1] not in str(rows(engine, "SELECT * FROM revelado.recovery_codes"))


def test_switching_it_off_takes_a_code(engine: Engine, ada: Session, enrolled: Enrolled) -> None:
    with pytest.raises(InvalidInput):
        second_factor.turn_off(engine, ada, "123456")
    second_factor.turn_off(engine, ada, enrolled[1][3])
    assert enter(engine)
    told = rows(
        engine, "SELECT details->>'after' AS after FROM revelado.audit WHERE kind = 'second_factor' ORDER BY id"
    )
    assert [line.after for line in told] == ["true", "false"]


def test_another_password_from_an_administrator_ends_it(engine: Engine, enrolled: Enrolled) -> None:
    ada_id = one(engine, "SELECT id FROM revelado.users").id
    assert enter(engine, password=users.reset_password(engine, SYSTEM, ada_id)).must_change_password


def test_it_is_for_administrators(engine: Engine, ada: Session) -> None:
    users.create_user(engine, SYSTEM, email="z@x.co", name="Z", role=Role.ADMIN)
    users.set_role(engine, SYSTEM, ada.actor.id or 0, Role.OPERATOR)
    with pytest.raises(NotAllowed):
        second_factor.begin(engine, enter(engine))
