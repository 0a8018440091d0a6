"""Settings: what is refused, and that the refusal names the variable and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Settings, load
from core.errors import StartupError

NO_FILE = Path("/nowhere/.env")
DATABASE = {"DATABASE_URL": "postgresql://u:p@db/shop"}
KEYS = {"GEMINI_API_KEY": "k", "CLOUDINARY_URL": "cloudinary://k:s@c"}


def settings(environ: dict[str, str]) -> Settings:
    return load(environ, NO_FILE)


def test_without_any_setting_everything_is_local() -> None:
    found = settings({})
    assert (found.database_url, found.editor, found.host, found.port) == (None, "local", "local", 8501)


def test_keys_choose_the_paid_services() -> None:
    found = settings(KEYS)
    assert (found.editor, found.host) == ("gemini", "cloudinary")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (DATABASE, "GEMINI_API_KEY"),
        ({**DATABASE, "GEMINI_API_KEY": "k"}, "CLOUDINARY_URL"),
        ({"IMAGE_EDITOR": "gemini"}, "GEMINI_API_KEY"),
        ({"IMAGE_HOST": "cloudinary"}, "CLOUDINARY_URL"),
        ({"IMAGE_EDITOR": "photoshop"}, "IMAGE_EDITOR"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"PORT": "99999"}, "PORT"),
        ({"PORT": "web"}, "PORT"),
        ({"PUBLIC_URL": "shop.example"}, "PUBLIC_URL"),
        ({"FETCH_ALLOW": "127.0.0.1"}, "FETCH_ALLOW"),
        ({"LEGACY_TIMEZONE": "Marte/Olimpo"}, "LEGACY_TIMEZONE"),
        ({"SHOP_LOCALE": "xx"}, "SHOP_LOCALE"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"ADMIN_PASSWORD": "una clave bien larga"}, "ADMIN_EMAIL"),
        ({"ADMIN_EMAIL": "a@b.c", "ADMIN_PASSWORD": "corta"}, "ADMIN_PASSWORD"),
        ({"GEMINI_MODLE": "x"}, "GEMINI_MODEL"),
        ({"CLOUDINARY_CLOUD_NAME": "x"}, "CLOUDINARY_CLOUD_NAME"),
        ({"GEMINI_API_KEY_FILE": "/nowhere/key"}, "GEMINI_API_KEY_FILE"),
        ({"GEMINI_API_KEY": "a", "GEMINI_API_KEY_FILE": "/b"}, "GEMINI_API_KEY_FILE"),
    ],
)
def test_a_wrong_or_contradictory_setting_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(StartupError) as refused:
        settings(environ)
    assert named in refused.value.text and named in refused.value.en


def test_other_programs_variables_are_none_of_our_business() -> None:
    settings({"HOME": "/root", "PATH": "/bin", "GOOGLE_APPLICATION_CREDENTIALS": "x", "REPORT": "1"})


def test_an_unknown_name_in_the_env_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COLOUR=red\n")
    with pytest.raises(StartupError, match="COLOUR"):
        load({}, tmp_path / ".env")


def test_the_environment_wins_over_the_file_and_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret-key\n")
    (tmp_path / ".env").write_text(f"PORT=9000\nGEMINI_API_KEY_FILE={tmp_path / 'key'}\n")
    found = load({"PORT": "9001"}, tmp_path / ".env")
    assert (found.port, found.gemini_api_key) == (9001, "secret-key")


def test_secrets_do_not_show_in_the_settings_text() -> None:
    shown = repr(settings({**DATABASE, **KEYS}))
    assert "u:p@db" not in shown and "k:s@c" not in shown


def test_both_spellings_of_the_postgres_scheme_are_understood() -> None:
    for scheme in ("postgres", "postgresql"):
        found = settings({"DATABASE_URL": f"{scheme}://u@h/d", **KEYS})
        assert found.database_url == "postgresql+psycopg2://u@h/d"
