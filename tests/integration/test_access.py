"""Users, passwords, sign-in, sessions: on real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from core.access import invitations, own_sessions, passwords, sessions, users
from core.access.actors import Actor, Role
from core.access.sessions import Kind, Session, digest
from core.access.sign_in import SignInLocked, SignInRefused, sign_in
from core.access.users import FirstAdmin
from core.errors import Conflict, InvalidInput, MustChangePassword, NotAllowed, NotFound, StartupError
from core.settings.change import change_all
from tests.cheap_hashes import cheap_hashes as cheap_hashes
from tests.shop import one, run_sql

pytestmark = pytest.mark.usefixtures("cheap_hashes")

EMAIL, PASSWORD = "ana@ferreteria.com", "caballo grapa batería"


@pytest.fixture
def ana(engine: Engine) -> int:
    """The id of an administrator with a password of her own."""
    users.ensure_first_admin(engine, EMAIL, PASSWORD)
    return int(one(engine, "SELECT id FROM revelado.users").id)


def enter(
    engine: Engine, email: str = EMAIL, password: str = PASSWORD, ip: str = "203.0.113.7", kind: Kind = "panel"
) -> str:
    return sign_in(engine, email, password, ip=ip, user_agent="Firefox", kind=kind)


def resolved(engine: Engine, token: str, kind: Kind = "panel") -> Session:
    session = sessions.resolve(engine, token, kind)
    assert session is not None
    return session


def outcome(engine: Engine, email: str, password: str, ip: str = "203.0.113.7") -> str:
    try:
        enter(engine, email, password, ip)
    except (SignInRefused, SignInLocked) as error:
        return error.code
    return "in"


def earlier(engine: Engine, minutes: int) -> None:
    """Moves the past `minutes` further away."""
    run_sql(engine, "UPDATE revelado.sign_in_failures SET at = at - make_interval(mins => :m)", m=minutes)
    run_sql(
        engine,
        "UPDATE revelado.sessions SET last_seen_at = last_seen_at - make_interval(mins => :m),"
        " expires_at = expires_at - make_interval(mins => :m)",
        m=minutes,
    )
    run_sql(
        engine, "UPDATE revelado.sign_in_tickets SET expires_at = expires_at - make_interval(mins => :m)", m=minutes
    )


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_password_is_stored_as_argon2id_and_verified() -> None:
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + " ")


def test_signing_in_renews_a_hash_of_an_earlier_cost(engine: Engine, ana: int) -> None:
    stored = "SELECT password_hash AS hash FROM revelado.users"
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(PASSWORD)
    run_sql(engine, "UPDATE revelado.users SET password_hash = :old", old=old)
    assert sessions.resolve(engine, enter(engine), "panel")
    renewed = one(engine, stored).hash
    assert renewed != old and not passwords.outdated(renewed)
    enter(engine)
    assert one(engine, stored).hash == renewed


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    assert passwords.verify(passwords.hash_password("mañana al balcón"), "man\u0303ana al balco\u0301n")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "al menos 12"),
        ("corta", "al menos 12"),
        ("once letras", "al menos 12"),
        ("x" * 201, "como mucho 200"),
        *(
            (known, "se prueban primero")
            for known in (
                "aaaaaaaaaaaaaaa", "ab c" * 50, "123456789012", "1234-5678-9012", "abcdefghijkl", "qwertyuiop123",
                "PASSWORD1234", "P@ssw0rd1234", "iloveyou1234", "Contraseña123", "CONTRASEÑA-123", "Bienvenido2027",
                "Ferretería2027!", "administrador9", "revelado2029", "barcelona1234", "\ud800" * 12,
            )
        ),
        *(
            (known, "se parece a su nombre o a su correo")
            for known in ("ana@herrajespaz.com", "HerrajesPaz27", "AnaRuiz123456")
        ),
    ],
)  # fmt: skip
def test_a_weak_or_endless_password_is_refused_and_told_why(password: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check_new(password, "Ana Ruiz", "ana@herrajespaz.com")
    assert why in refused.value.text


@pytest.mark.parametrize("password", ["doce letras!", "caballo grapa batería", "tornillo-hexagonal-9"])
def test_words_that_do_not_go_together_make_a_good_password(password: str) -> None:
    passwords.check_new(password, "Ana Ruiz", "ana@herrajespaz.com")


def test_a_password_like_ones_own_name_is_refused_wherever_it_is_chosen(engine: Engine, admin: Actor) -> None:
    user, one_time = users.create_user(engine, admin, email="ruiz@herrajespaz.com", name="Ana Ruiz", role=Role.VIEWER)
    session = resolved(engine, enter(engine, user.email, one_time))
    with pytest.raises(InvalidInput, match="se parece a su nombre"):
        sessions.change_password(engine, session, one_time, "HerrajesPaz27")
    link = invitations.invite_again(engine, admin, user.id)
    with pytest.raises(InvalidInput, match="se parece a su nombre"):
        invitations.accept(engine, link, "anaruiz123456")


# ── the first administrator ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_installation_gets_an_administrator_with_a_one_time_password(engine: Engine) -> None:
    made = users.ensure_first_admin(engine, None, None)
    assert made is not None
    assert made.email == "admin@revelado.local"
    assert made.one_time_password is not None
    session = resolved(engine, enter(engine, made.email, made.one_time_password))
    assert session.must_change_password
    assert session.actor.role == Role.ADMIN


def test_a_given_password_needs_no_change(engine: Engine) -> None:
    assert users.ensure_first_admin(engine, EMAIL.upper(), PASSWORD) == FirstAdmin(EMAIL, None)
    assert not resolved(engine, enter(engine)).must_change_password


def test_where_there_are_users_nothing_is_made(engine: Engine, ana: int) -> None:
    assert users.ensure_first_admin(engine, "eva@x.test", PASSWORD) is None
    assert one(engine, "SELECT count(*) AS n FROM revelado.users").n == 1


def test_of_several_first_starts_at_once_one_makes_the_administrator(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: users.ensure_first_admin(engine, f"a{n}@x.test", None), range(4)))
    assert len([admin for admin in made if admin]) == 1
    assert one(engine, "SELECT count(*) AS n FROM revelado.users").n == 1


def test_a_first_administrator_that_cannot_be_is_a_start_up_error(engine: Engine) -> None:
    for email, password in (("ana", PASSWORD), (EMAIL, "administrador"), (EMAIL, "ana@ferreteria"), (EMAIL, "x" * 300)):
        with pytest.raises(StartupError):
            users.ensure_first_admin(engine, email, password)


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_enters_with_the_one_time_password_and_must_change_it(engine: Engine, admin: Actor) -> None:
    user, password = users.create_user(engine, admin, email=" Beto@X.test ", name=" Beto  Ruiz ", role=Role.OPERATOR)
    assert (user.email, user.name, user.role, user.active) == ("beto@x.test", "Beto Ruiz", Role.OPERATOR, True)
    with pytest.raises(MustChangePassword):
        enter(engine, "beto@x.test", password, kind="api")
    token = enter(engine, "beto@x.test", password)
    sessions.change_password(engine, resolved(engine, token), password, PASSWORD)
    assert not resolved(engine, token).must_change_password
    assert enter(engine, "beto@x.test", PASSWORD, kind="api")
    assert outcome(engine, "beto@x.test", password) == "sign_in_refused"


def test_an_address_belongs_to_one_user(engine: Engine, admin: Actor, ana: int) -> None:
    with pytest.raises(Conflict):
        users.create_user(engine, admin, email="ANA@ferreteria.com", name="Otra", role=Role.VIEWER)


def test_what_is_no_address_is_refused(engine: Engine, admin: Actor) -> None:
    for email in ("", "ana", "ana@", "a@b c", "añá@x.test", "a\0@x.test", "a" * 250 + "@x.test"):
        with pytest.raises(InvalidInput):
            users.create_user(engine, admin, email=email, name="Ana", role=Role.VIEWER)


def test_users_are_an_administrators_business(engine: Engine, operator: Actor, ana: int) -> None:
    for call in (
        lambda: users.list_users(engine, operator),
        lambda: users.create_user(engine, operator, email="e@x.test", name="E", role=Role.ADMIN),
        lambda: users.set_active(engine, operator, ana, False),
        lambda: users.set_role(engine, operator, ana, Role.VIEWER),
        lambda: users.reset_password(engine, operator, ana),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_users_are_listed_by_name_as_spanish_sorts(engine: Engine, admin: Actor) -> None:
    for name in ("Zoe", "Álvaro", "beto"):
        users.create_user(engine, admin, email=f"{len(name)}{ord(name[0])}@x.test", name=name, role=Role.VIEWER)
    assert [user.name for user in users.list_users(engine, admin)] == ["Álvaro", "beto", "Zoe"]


def test_switching_a_user_off_ends_the_sessions_and_the_sign_in(engine: Engine, admin: Actor, ana: int) -> None:
    users.create_user(engine, admin, email="eva@x.test", name="Eva", role=Role.ADMIN)
    token = enter(engine)
    users.set_active(engine, admin, ana, False)
    assert sessions.resolve(engine, token, "panel") is None
    assert outcome(engine, EMAIL, PASSWORD) == "sign_in_refused"
    users.set_active(engine, admin, ana, True)
    assert sessions.resolve(engine, token, "panel") is None
    assert outcome(engine, EMAIL, PASSWORD) == "in"


def test_the_last_administrator_stays(engine: Engine, admin: Actor, ana: int) -> None:
    for call in (
        lambda: users.set_active(engine, admin, ana, False),
        lambda: users.set_role(engine, admin, ana, Role.OPERATOR),
    ):
        with pytest.raises(Conflict):
            call()
    assert resolved(engine, enter(engine)).actor.role == Role.ADMIN


def test_two_administrators_who_demote_each_other_do_not_both_succeed(engine: Engine, admin: Actor, ana: int) -> None:
    eva, _ = users.create_user(engine, admin, email="eva@x.test", name="Eva", role=Role.ADMIN)

    def demote(user_id: int) -> bool:
        try:
            users.set_role(engine, admin, user_id, Role.VIEWER)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, [ana, eva.id])) == [False, True]


def test_a_new_role_counts_in_sessions_already_open(engine: Engine, admin: Actor) -> None:
    user, password = users.create_user(engine, admin, email="beto@x.test", name="Beto", role=Role.OPERATOR)
    run_sql(
        engine,
        "INSERT INTO revelado.users (email, name, password_hash, role) VALUES ('r@x.test', 'R', '', :r)",
        r=Role.ADMIN,
    )
    token = enter(engine, user.email, password)
    users.set_role(engine, admin, user.id, Role.VIEWER)
    assert resolved(engine, token).actor.role == Role.VIEWER


def test_a_reset_ends_sessions_and_locks_and_gives_a_one_time_password(engine: Engine, admin: Actor, ana: int) -> None:
    token = enter(engine)
    for _ in range(5):
        outcome(engine, EMAIL, "mala")
    password = users.reset_password(engine, admin, ana)
    assert sessions.resolve(engine, token, "panel") is None
    assert outcome(engine, EMAIL, PASSWORD) == "sign_in_refused"
    assert resolved(engine, enter(engine, EMAIL, password)).must_change_password


def test_a_user_that_never_was_is_not_found(engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotFound):
        users.reset_password(engine, admin, 99)


# ── sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_hash_of_a_token_is_stored(engine: Engine, ana: int) -> None:
    token = enter(engine)
    assert len(token) == 43
    row = one(engine, "SELECT * FROM revelado.sessions")
    assert bytes(row.token_hash) == digest(token)
    assert token not in str(row)
    assert (row.user_id, row.kind, row.ip, row.user_agent) == (ana, "panel", "203.0.113.7", "Firefox")


def test_each_sign_in_is_a_session_of_its_own(engine: Engine, ana: int) -> None:
    first, second = enter(engine), enter(engine)
    sessions.revoke(engine, first)
    assert sessions.resolve(engine, first, "panel") is None
    assert sessions.resolve(engine, second, "panel")


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_opens_only_its_own_kind(engine: Engine, ana: int) -> None:
    assert sessions.resolve(engine, enter(engine, kind="panel"), "api") is None
    assert sessions.resolve(engine, enter(engine, kind="api"), "panel") is None
    assert sessions.resolve(engine, "nonsense", "panel") is None


def test_a_panel_session_ends_after_half_an_hour_without_anybody(engine: Engine, ana: int) -> None:
    token = enter(engine)
    earlier(engine, 29)
    assert sessions.resolve(engine, token, "panel", touch=False)
    earlier(engine, 1)
    assert sessions.resolve(engine, token, "panel") is None


def test_a_persons_actions_keep_a_panel_session_for_eight_hours_at_most(engine: Engine, ana: int) -> None:
    token = enter(engine)
    for _ in range(19):
        earlier(engine, 25)
        assert sessions.resolve(engine, token, "panel")
    earlier(engine, 5)
    assert sessions.resolve(engine, token, "panel") is None


def test_how_long_a_session_lasts_is_a_setting_and_idleness_counts_for_those_open(
    engine: Engine, admin: Actor, ana: int
) -> None:
    before = enter(engine)
    change_all(engine, admin, {"idle_minutes": 10, "session_hours": 1}, "UTC")
    earlier(engine, 9)
    assert sessions.resolve(engine, before, "panel", touch=False)
    earlier(engine, 1)
    assert sessions.resolve(engine, before, "panel") is None
    after = enter(engine)
    assert len(own_sessions.open_sessions(engine, resolved(engine, after))) == 1
    for _ in range(7):
        earlier(engine, 8)
        assert sessions.resolve(engine, after, "panel")
    earlier(engine, 4)
    assert sessions.resolve(engine, after, "panel") is None
    api = enter(engine, kind="api")
    earlier(engine, 11 * 60)
    assert sessions.resolve(engine, api, "api")


def test_administrators_see_and_end_anybodys_sessions(engine: Engine, admin: Actor, operator: Actor, ana: int) -> None:
    first, second = enter(engine), enter(engine)
    shown = own_sessions.open_sessions_of(engine, admin, ana)
    assert {each.id for each in shown} == {digest(first).hex(), digest(second).hex()}
    assert not any(each.current for each in shown)
    own_sessions.end_one_of(engine, admin, ana, digest(first).hex())
    assert sessions.resolve(engine, first, "panel") is None and sessions.resolve(engine, second, "panel")
    for wrong in ((ana, digest(first).hex()), (ana + 1, digest(second).hex()), (ana, "nonsense")):
        with pytest.raises(NotFound):
            own_sessions.end_one_of(engine, admin, *wrong)
    for call in (
        lambda: own_sessions.open_sessions_of(engine, operator, ana),
        lambda: own_sessions.end_one_of(engine, operator, ana, digest(second).hex()),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_an_api_session_needs_nobody_and_ends_after_twelve_hours(engine: Engine, ana: int) -> None:
    token = enter(engine, kind="api")
    earlier(engine, 12 * 60 - 1)
    assert sessions.resolve(engine, token, "api")
    earlier(engine, 1)
    assert sessions.resolve(engine, token, "api") is None


def test_a_session_is_marked_as_seen_once_a_minute_at_most(engine: Engine, ana: int) -> None:
    token = enter(engine)
    written = "SELECT xmin::text AS x FROM revelado.sessions"
    before = one(engine, written).x
    sessions.resolve(engine, token, "panel")
    assert one(engine, written).x == before
    earlier(engine, 2)
    before = one(engine, written).x
    sessions.resolve(engine, token, "panel", touch=False)
    assert one(engine, written).x == before
    sessions.resolve(engine, token, "panel")
    assert one(engine, written).x != before


def test_a_ticket_is_exchanged_once_and_within_seconds(engine: Engine, ana: int) -> None:
    token = enter(engine)
    ticket = sessions.issue_ticket(engine, token)
    assert sessions.redeem_ticket(engine, ticket) == token
    assert sessions.redeem_ticket(engine, ticket) is None
    late = sessions.issue_ticket(engine, token)
    run_sql(engine, "UPDATE revelado.sign_in_tickets SET expires_at = expires_at - interval '30 seconds'")
    assert sessions.redeem_ticket(engine, late) is None
    sessions.issue_ticket(engine, token)
    assert one(engine, "SELECT count(*) AS n FROM revelado.sign_in_tickets").n == 1


def test_a_ticket_opens_no_session_that_ended_meanwhile(engine: Engine, ana: int) -> None:
    token = enter(engine)
    ticket = sessions.issue_ticket(engine, token)
    sessions.revoke(engine, token)
    assert sessions.redeem_ticket(engine, ticket) is None


def test_all_sessions_of_a_user_end_but_the_one_to_keep(engine: Engine, ana: int) -> None:
    kept, other, api = enter(engine), enter(engine), enter(engine, kind="api")
    assert own_sessions.end_others(engine, resolved(engine, kept)) == 2
    assert sessions.resolve(engine, kept, "panel")
    assert sessions.resolve(engine, other, "panel") is None
    assert sessions.resolve(engine, api, "api") is None
    assert own_sessions.end_all(engine, resolved(engine, kept)) == 1
    assert sessions.resolve(engine, kept, "panel") is None


# ── changing one's password ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_changed_password_ends_the_other_sessions(engine: Engine, ana: int) -> None:
    here, there = enter(engine), enter(engine)
    sessions.change_password(engine, resolved(engine, here), PASSWORD, "otra contraseña nueva")
    assert sessions.resolve(engine, here, "panel")
    assert sessions.resolve(engine, there, "panel") is None
    assert outcome(engine, EMAIL, PASSWORD) == "sign_in_refused"
    assert outcome(engine, EMAIL, "otra contraseña nueva") == "in"


def test_the_current_password_must_be_right_and_cannot_be_guessed_for_ever(engine: Engine, ana: int) -> None:
    session = resolved(engine, enter(engine))
    for _ in range(5):
        with pytest.raises(InvalidInput):
            sessions.change_password(engine, session, "mala", "otra contraseña nueva")
    with pytest.raises(SignInLocked):
        sessions.change_password(engine, session, PASSWORD, "otra contraseña nueva")


def test_the_new_password_must_be_new_and_good(engine: Engine, ana: int) -> None:
    session = resolved(engine, enter(engine))
    for new in (PASSWORD, "corta", "administrador"):
        with pytest.raises(InvalidInput):
            sessions.change_password(engine, session, PASSWORD, new)
    assert outcome(engine, EMAIL, PASSWORD) == "in"


def test_of_two_changes_at_once_the_second_is_told(engine: Engine, ana: int) -> None:
    both = [resolved(engine, enter(engine)), resolved(engine, enter(engine))]

    def change(session: Session, new: str) -> str:
        try:
            sessions.change_password(engine, session, PASSWORD, new)
        except (Conflict, InvalidInput) as error:
            return error.code
        return "changed"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(change, both, ["una contraseña nueva", "dos contraseñas nuevas"]))
    assert results.count("changed") == 1
