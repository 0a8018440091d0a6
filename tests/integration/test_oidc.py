"""Signing in at another provider: the same users, roles and session rows, and nobody whom it doesn't vouch for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import config, config_values
from core.access import own_sessions, second_factor, sessions, users
from core.access.actors import SYSTEM, Role
from core.access.sign_in import sign_in
from core.errors import StartupError
from core.providers.oidc import OidcProvider, vouched_email
from core.ui import oidc
from tests.cheap_hashes import cheap_hashes as cheap_hashes
from tests.emulators.oidc import CLIENT, SECRET, OidcEmulator
from tests.emulators.server import EmulatorServer
from tests.shop import one, rows
from tests.ui.pages_harness import make_app

pytestmark = pytest.mark.usefixtures("cheap_hashes")

HERE = "http://127.0.0.1:8501"
ANA = "ana@x.co"


@pytest.fixture(scope="module")
def running() -> Iterator[EmulatorServer]:
    with EmulatorServer(OidcEmulator()) as server:
        yield server


@pytest.fixture
def provider(running: EmulatorServer) -> EmulatorServer:
    running.emulator.settings = dict(OidcEmulator.defaults)
    return running


@pytest.fixture
def browser(engine: Engine, tmp_path: Path, provider: EmulatorServer) -> TestClient:
    app = make_app(engine, tmp_path, PUBLIC_URL=HERE, **environ(provider.url))
    assert app.settings.oidc
    app = replace(app, oidc=OidcProvider(app.settings.oidc, HERE))
    return TestClient(Starlette(routes=oidc.routes(app)), base_url=HERE, follow_redirects=False)


def environ(issuer: str) -> dict[str, str]:
    return {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Google"}


@pytest.fixture
def ana(engine: Engine) -> int:
    return users.create_user(engine, SYSTEM, email=ANA, name="Ana", role=Role.OPERATOR)[0].id


def there(browser: TestClient, page: str = "/historial?estado=failed") -> str:
    """To the provider, who sends back: the address it sends to."""
    away = browser.get("/auth/oidc", params={"a": page})
    return requests.get(away.headers["location"], allow_redirects=False, timeout=10).headers["location"]


def enter(browser: TestClient, page: str = "/historial?estado=failed") -> Any:
    return browser.get(there(browser, page))


def why(answer: Any) -> str:
    assert "sid" not in answer.cookies
    return parse_qs(urlsplit(answer.headers["location"]).query)["entrada"][0]


def test_who_is_vouched_for_gets_a_session_row_like_any_other_and_the_page_they_asked_for(
    browser: TestClient, engine: Engine, ana: int
) -> None:
    answer = enter(browser)
    assert answer.headers["location"] == "/historial?estado=failed"
    assert "HttpOnly" in answer.headers["set-cookie"] and "equipo=" in answer.headers["set-cookie"]
    session = sessions.resolve(engine, answer.cookies["sid"], "panel")
    assert session and (session.actor.id, session.actor.role, session.must_change_password) == (
        ana,
        Role.OPERATOR,
        False,
    )
    [open_one] = own_sessions.open_sessions(engine, session)
    assert open_one.address == "testclient"
    [line] = rows(engine, "SELECT user_id, details FROM revelado.audit WHERE kind = 'sign_in'")
    assert (line.user_id, line.details) == (ana, {"provider": "Google"})
    users.create_user(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.ADMIN)
    users.set_active(engine, SYSTEM, ana, False)
    assert sessions.resolve(engine, answer.cookies["sid"], "panel") is None


def test_a_one_time_password_ends_when_its_owner_comes_in_another_way(browser: TestClient, engine: Engine) -> None:
    _user, one_time = users.create_user(engine, SYSTEM, email=ANA, name="Ana", role=Role.VIEWER)
    enter(browser)
    with pytest.raises(Exception, match="no son correctos"):
        sign_in(engine, ANA, one_time, ip="", user_agent="", kind="panel")


def test_the_unknown_the_switched_off_and_those_with_a_second_step_are_refused_and_told_why(
    browser: TestClient, engine: Engine, provider: EmulatorServer
) -> None:
    assert why(enter(browser)) == "oidc_unknown"
    users.ensure_first_admin(engine, ANA, "cuatro palabras muy largas")
    provider.emulator.settings["email"] = ANA.upper()
    token = enter(browser).cookies["sid"]
    session = sessions.resolve(engine, token, "panel")
    assert session
    begun = second_factor.begin(engine, session)
    second_factor.confirm(engine, session, pyotp.TOTP(begun.secret).now())
    assert why(enter(browser)) == "oidc_second_step"
    users.create_user(engine, SYSTEM, email="eva@x.co", name="Eva", role=Role.ADMIN)
    users.set_active(engine, SYSTEM, one(engine, "SELECT id FROM revelado.users WHERE email = :e", e=ANA).id, False)
    assert why(enter(browser)) == "oidc_inactive"
    told = rows(engine, "SELECT details->>'why' AS why FROM revelado.audit WHERE kind = 'sign_in_refused' ORDER BY id")
    assert [line.why for line in told] == ["oidc_unknown", "oidc_second_step", "oidc_inactive"]


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": ""}]
)
def test_an_address_that_the_provider_has_not_checked_is_nobodys(
    browser: TestClient, provider: EmulatorServer, ana: int, claims: dict[str, Any]
) -> None:
    provider.emulator.settings["claims"] = claims
    assert why(enter(browser)) == "oidc_no_email"


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("https://login.microsoftonline.com/0a1b2c3d-0000-4000-8000-0123456789ab/v2.0", ANA),
        ("https://login.microsoftonline.com/common/v2.0", None),
        ("https://evil.test/https://login.microsoftonline.com/0a1b2c3d-0000-4000-8000-0123456789ab/v2.0", None),
    ],
)
def test_of_one_tenant_of_entra_it_is_the_name_for_signing_in(issuer: str, name: str | None) -> None:
    claims = {"email": "typed-by@anybody.test", "preferred_username": ANA}
    assert vouched_email(claims, issuer) == name


@pytest.mark.parametrize(
    "broken",
    [
        {"key": "other"},
        {"key": "none"},
        {"claims": {"iss": "https://evil.test"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"nonce": "of-another-sign-in"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1}},
        {"claims": {"sub": None}},
    ],
)
def test_a_token_that_is_not_the_providers_for_us_and_now_opens_nothing(
    browser: TestClient, provider: EmulatorServer, engine: Engine, ana: int, broken: dict[str, Any]
) -> None:
    provider.emulator.settings.update(broken)
    assert why(enter(browser)) == "oidc_failed"
    assert one(engine, "SELECT count(*) AS n FROM revelado.sessions").n == 0


def test_an_answer_is_taken_once_and_only_by_the_browser_that_set_out(
    browser: TestClient, engine: Engine, ana: int
) -> None:
    came_back = there(browser)
    kept = dict(browser.cookies)
    browser.cookies.clear()
    assert why(browser.get(came_back)) == "oidc_failed"
    browser.cookies.update({"oidc": "[1]"})
    assert why(browser.get(came_back)) == "oidc_failed"
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert why(browser.get(came_back + "x")) == "oidc_failed"  # another state
    browser.cookies.update(kept)
    assert "sid" in browser.get(came_back).cookies
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert why(browser.get(came_back)) == "oidc_failed"


@pytest.mark.parametrize(
    "page", ["//evil.test", "https://e.test", "/\\evil.test", "evil", "", "/\n/evil.test", "/" * 2000]
)
def test_nobody_is_sent_on_to_another_site(browser: TestClient, ana: int, page: str) -> None:
    assert enter(browser, page).headers["location"] == "/"


def test_a_provider_that_does_not_answer_is_told() -> None:
    broken = OidcProvider(config_values.Oidc("http://127.0.0.1:9", CLIENT, SECRET, "Google"), HERE)
    with pytest.raises(Exception, match="Google no confirmó"):
        broken.begin()


def test_it_is_set_up_whole_for_one_organisation_or_not_at_all(tmp_path: Path) -> None:
    whole = {"PUBLIC_URL": "https://fotos.x.co", **environ("https://accounts.google.com")}
    assert config.load(whole, tmp_path / "no.env").oidc == config_values.Oidc(
        "https://accounts.google.com", CLIENT, SECRET, "Google"
    )
    assert SECRET not in repr(config.load(whole, tmp_path / "no.env"))
    wrong = [{**whole, name: ""} for name in ("PUBLIC_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")]
    wrong += [{**whole, "OIDC_ISSUER": "http://accounts.google.com"}]
    wrong += [
        {**whole, "OIDC_ISSUER": f"https://login.microsoftonline.com/{any_}/v2.0"} for any_ in ("common", "consumers")
    ]
    for each in wrong:
        with pytest.raises(StartupError):
            config.load(each, tmp_path / "no.env")
