from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.access.actors import Role
from core.ui import frame
from tests.ui.pages_harness import Panel
from tests.ui.test_pages_articles import a_user

Open = Callable[..., Panel]


def test_the_first_steps_are_told_once_to_each_person(panel: Open, engine: Engine) -> None:
    user = a_user(engine)
    tab = panel(Role.OPERATOR, user_id=user)
    at = tab.open("home")
    assert "Primeros pasos · 1 de 5: Elija los artículos" in tab.words
    tab.button("Siguiente").click()
    at.run()
    assert "Primeros pasos · 2 de 5: Mire cómo avanza" in tab.words
    tab.button("Anterior").click()
    at.run()
    assert "Primeros pasos · 1 de 5" in tab.words
    tab.button("No mostrar más").click()
    at.run()
    assert "Primeros pasos" not in tab.words
    again = panel(Role.OPERATOR, user_id=user)
    again.open("home")
    assert "Primeros pasos" not in again.words
    again.at.switch_page("../../pages/help.py").run()
    assert again.has_button("Ver otra vez los primeros pasos")


def test_a_step_is_done_once_its_page_was_opened_by_whatever_way(panel: Open, engine: Engine) -> None:
    user = a_user(engine)
    panel(Role.OPERATOR, user_id=user).open("articles")
    panel(Role.OPERATOR, user_id=user).open("review")
    tab = panel(Role.OPERATOR, user_id=user)
    at = tab.open("home")
    assert "Primeros pasos · 2 de 5: Mire cómo avanza" in tab.words
    tab.button("Siguiente").click()
    at.run()
    assert "Primeros pasos · 4 de 5: Si algo no sale bien" in tab.words
    for page in ("history", "help"):
        panel(Role.OPERATOR, user_id=user).open(page)
    tab = panel(Role.OPERATOR, user_id=user)
    at = tab.open("home")
    assert "Primeros pasos" not in tab.words
    at.switch_page("../../pages/help.py").run()
    tab.button("Ver otra vez los primeros pasos").click()
    at.run()
    assert "Primeros pasos · 1 de 5" in tab.words


@pytest.mark.parametrize("role", list(Role))
def test_the_manual_has_pictures_of_the_panel(panel: Open, role: Role) -> None:
    tab = panel(role)
    at = tab.open("help")
    assert "](/recursos/manual/articulos.png)" in " ".join(m.value for m in at.markdown)
    assert "](img/" not in " ".join(m.value for m in at.markdown)


def test_the_manual_has_the_same_chapters_in_both_languages() -> None:
    spanish, english = ((frame.ROOT / "docs" / name).read_text("utf-8") for name in ("manual.md", "manual.en.md"))
    for mark in ("\n## ", "\n| ", "\n- **", "](img/"):
        assert spanish.count(mark) == english.count(mark), mark
