"""Guessing passwords: how often, from where, and who is locked out by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from core.access import invitations, passwords, throttle, users
from core.access.actors import Actor, Role
from core.access.sessions import digest
from core.access.sign_in import SignInLocked, SignInRefused, sign_in
from core.access.throttle import source_of_address
from tests.cheap_hashes import cheap_hashes as cheap_hashes
from tests.shop import one, rows, run_sql

pytestmark = pytest.mark.usefixtures("cheap_hashes")

ANA, NOBODY, PASSWORD = "ana@ferreteria.com", "nadie@x.test", "caballo grapa batería"
HOME = "203.0.113.7"
IN, REFUSED, LOCKED = "in", "sign_in_refused", "sign_in_locked"


@pytest.fixture(autouse=True)
def ana(engine: Engine, cheap_hashes: None) -> int:
    users.ensure_first_admin(engine, ANA, PASSWORD)
    return int(one(engine, "SELECT id FROM revelado.users").id)


def enter(engine: Engine, ip: str = HOME, device: str = "") -> str:
    return sign_in(engine, ANA, PASSWORD, ip=ip, user_agent="", kind="panel", device=device)


def outcome(engine: Engine, email: str = ANA, password: str = PASSWORD, ip: str = HOME, device: str = "") -> str:
    try:
        sign_in(engine, email, password, ip=ip, user_agent="", kind="panel", device=device)
    except (SignInRefused, SignInLocked) as error:
        return error.code
    return IN


def elsewhere(n: int) -> str:
    return f"198.51.{n // 200}.{n % 200 + 1}"


def failed(engine: Engine, count: int, minutes_ago: float, email: str = ANA) -> None:
    """Of strangers, each at another address."""
    run_sql(
        engine,
        "INSERT INTO revelado.sign_in_failures (source, at)"
        " SELECT :source, now() - make_interval(secs => :ago) FROM generate_series(1, :count)",
        source=throttle.source_of_account(email),
        ago=minutes_ago * 60,
        count=count,
    )


def earlier(engine: Engine, minutes: int) -> None:
    run_sql(engine, "UPDATE revelado.sign_in_failures SET at = at - make_interval(mins => :m)", m=minutes)


def wait(engine: Engine, email: str = ANA, ip: str = "192.0.2.1") -> int:
    with pytest.raises(SignInLocked) as locked:
        sign_in(engine, email, PASSWORD, ip=ip, user_agent="", kind="panel")
    return locked.value.seconds


# ── how often ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [ANA, NOBODY])
def test_five_failures_in_five_minutes_lock_an_account_that_exists_or_not_from_wherever_they_came(
    engine: Engine, email: str
) -> None:
    assert [outcome(engine, email, "mala", elsewhere(n)) for n in range(5)] == [REFUSED] * 5
    with pytest.raises(SignInLocked) as locked:  # even with the right password
        sign_in(engine, email, PASSWORD, ip="192.0.2.1", user_agent="", kind="panel")
    assert 290 < locked.value.seconds <= 300
    assert "5 min" in locked.value.text
    earlier(engine, 4)
    assert outcome(engine, email) == LOCKED
    earlier(engine, 1)
    assert outcome(engine, email) == (IN if email == ANA else REFUSED)


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        ([(19, 40)], None),
        ([(20, 40)], 20 * 60),  # twenty in an hour: until the first of them is an hour ago
        ([(16, 59), (4, 2)], 60),
        ([(49, 23 * 60)], None),
        ([(50, 23 * 60)], 60 * 60),  # fifty in a day
        ([(40, 25 * 60), (15, 23 * 60)], None),
        ([(50, 20 * 60), (5, 1)], 4 * 60 * 60),  # the longest of what holds
    ],
)
def test_twenty_failures_in_an_hour_and_fifty_in_a_day_lock_an_account(
    engine: Engine, before: list[tuple[int, int]], seconds: int | None
) -> None:
    for count, minutes in before:
        failed(engine, count, minutes)
    if seconds is None:
        assert outcome(engine) == IN
    else:
        assert seconds - 10 < wait(engine) <= seconds


def test_twenty_failures_in_an_hour_lock_an_address_for_whatever_account(engine: Engine) -> None:
    for n in range(20):
        assert outcome(engine, f"n{n}@x.test", "mala") == REFUSED
    assert 3590 < wait(engine, ip=HOME) <= 3600
    assert outcome(engine, ip=elsewhere(1)) == IN
    earlier(engine, 60)
    assert outcome(engine) == IN


def test_many_guesses_at_once_get_no_further_than_one_after_another(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(lambda n: outcome(engine, ANA, f"mala {n}"), range(12)))
    assert outcomes == {REFUSED: 5, LOCKED: 7}


def test_many_right_sign_ins_at_once_all_succeed(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(lambda _: outcome(engine), range(12))) == {IN: 12}


def test_a_right_password_forgives_the_wrong_ones_before(engine: Engine) -> None:
    for _ in range(2):
        assert [outcome(engine, ANA, "mala") for _ in range(4)] == [REFUSED] * 4
        assert outcome(engine) == IN


# ── who locks out whom ──────────────────────────────────────────────────────────────────────────────────────────────


def test_strangers_never_lock_out_the_browser_where_one_signed_in_before(engine: Engine) -> None:
    device = throttle.device_of(digest(enter(engine)))
    failed(engine, 60, 1)
    for n in range(20):  # from the owner's own network, too
        outcome(engine, f"n{n}@x.test", "mala")
    assert outcome(engine, ip="192.0.2.1") == LOCKED
    assert outcome(engine, device=device) == IN
    assert outcome(engine, ip="192.0.2.1", device=device) == IN


def test_strangers_elsewhere_never_lock_out_the_address_where_one_signed_in_before(engine: Engine) -> None:
    enter(engine)
    failed(engine, 60, 1)
    assert outcome(engine) == IN


def test_a_known_browser_and_a_known_address_guess_no_more_than_others(engine: Engine) -> None:
    device = throttle.device_of(digest(enter(engine)))
    assert [outcome(engine, ANA, "mala", device=device) for _ in range(5)] == [REFUSED] * 5
    assert outcome(engine, device=device) == LOCKED
    assert [outcome(engine, ANA, "mala") for _ in range(5)] == [REFUSED] * 5
    assert outcome(engine) == LOCKED
    assert outcome(engine, ip="192.0.2.1") == IN


def test_a_browser_is_known_to_its_own_account_for_thirty_days(engine: Engine, admin: Actor) -> None:
    device = throttle.device_of(digest(enter(engine)))
    for unknown in ("", "00" * 32, "x" * 64, device.upper(), device + "\n", "ñ" * 64):
        failed(engine, 5, 1)
        assert outcome(engine, ip="192.0.2.1", device=unknown) == LOCKED
    users.create_user(engine, admin, email="eva@x.test", name="Eva", role=Role.VIEWER)
    failed(engine, 5, 1, "eva@x.test")
    assert outcome(engine, "eva@x.test", "mala", device=device) == LOCKED
    run_sql(engine, "UPDATE revelado.sessions SET created_at = now() - interval '31 days'")
    assert outcome(engine, device=device) == LOCKED
    assert outcome(engine) == LOCKED


def test_another_link_or_password_from_an_administrator_opens_a_locked_account(
    engine: Engine, admin: Actor, ana: int
) -> None:
    failed(engine, 60, 1)
    link = invitations.invite_again(engine, admin, ana)
    invitations.accept(engine, link, "otra cosa bien distinta")
    assert outcome(engine, password="otra cosa bien distinta") == IN
    failed(engine, 60, 1)
    assert outcome(engine, password=users.reset_password(engine, admin, ana), ip="192.0.2.1") == IN


# ── what is told and kept ───────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def work_done(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Each statement and each check of a password."""
    done: list[str] = []
    real = passwords.verify

    def verify(stored: str, password: str) -> bool:
        done.append(f"argon2 {stored.split('$')[1:4]}")
        return real(stored, password)

    def statement(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        done.append(sql)

    monkeypatch.setattr(passwords, "verify", verify)
    event.listen(engine, "before_cursor_execute", statement)
    yield done
    event.remove(engine, "before_cursor_execute", statement)
    monkeypatch.setattr(passwords, "verify", real)


def test_an_unknown_account_costs_the_same_work_and_gets_the_same_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.decoy()
    seen = []
    for email in (ANA, NOBODY):
        with work_done(engine, monkeypatch) as done:
            seen.append((outcome(engine, email, "mala"), done))
    assert seen[0][0] == seen[1][0] == REFUSED
    assert seen[0][1] == seen[1][1]
    for email in (ANA, NOBODY):
        failed(engine, 5, 1, email)
    assert abs(wait(engine, ANA) - wait(engine, NOBODY)) <= 1


def test_what_was_typed_as_the_address_is_not_kept(engine: Engine) -> None:
    outcome(engine, "mi contraseña secreta", "x")
    assert "secreta" not in str(rows(engine, "SELECT * FROM revelado.sign_in_failures"))


def test_failures_are_forgotten_after_a_day(engine: Engine) -> None:
    outcome(engine, "a@x.test", "x")
    earlier(engine, 24 * 60 + 1)
    outcome(engine, "b@x.test", "x")
    assert one(engine, "SELECT count(*) AS n FROM revelado.sign_in_failures").n == 2


@pytest.mark.parametrize(
    ("ip", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_stands_for_the_customer_behind_it(ip: str, source: str) -> None:
    assert source_of_address(ip) == source
