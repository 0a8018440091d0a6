import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from core.ui import lean


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)


def theme(section: str) -> bytes:
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message, section)
    return message.SerializeToString()


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("section", ["theme", "theme.light", "theme.dark"])
def test_the_theme_is_read_once_and_told_the_same_every_time(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = theme(section)
    lean.remember_theme()
    lean.remember_theme()
    assert theme(section) == before != b""
    monkeypatch.setattr(config, "get_options_for_section", lambda _section: pytest.fail("the options were read again"))
    assert theme(section) == before


@pytest.mark.usefixtures("untouched")
def test_what_is_not_configured_stays_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_options_for_section", lambda _section: {"base": None, "font": None})
    lean.remember_theme()
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message.light, "theme.light")
    assert not message.HasField("light")
