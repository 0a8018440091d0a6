"""Where a person is on the page *Recetas*: the list, a recipe, or a trial; in the address, so that it can be sent."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.recipes.recipes import Version

RECIPE, TRIAL = "receta", "prueba"
_EDITING, _SAID = "recipes_editing", "recipes_said"


@dataclass(frozen=True)
class Editing:
    """A form being filled in. What is typed belongs to this and to no other."""

    recipe_id: int
    based_on: int  #: the version that saving replaces, if it still is the current one
    shown: int  #: the version whose words the form began with: that one, or a draft that was tried
    serial: int  #: another for each time the form begins anew

    def key(self, field: str) -> str:
        return f"recipe_{field}_{self.recipe_id}_{self.based_on}_{self.shown}_{self.serial}"


def asked(name: str) -> int | None:
    value = str(st.query_params.get(name, ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else None


def to_list() -> None:
    _go({})


def to_recipe(recipe_id: int) -> None:
    """Its form begins anew, from the current version."""
    st.session_state.pop(_EDITING, None)
    _go({RECIPE: str(recipe_id)})


def to_trial(batch_id: int) -> None:
    _go({TRIAL: str(batch_id)})


def back_to_form(draft: Version, based_on: int) -> None:
    """With the words of a draft that was tried."""
    st.session_state[_EDITING] = Editing(draft.recipe_id, based_on, draft.id, _next())
    _go({RECIPE: str(draft.recipe_id)})


def editing(current: Version) -> Editing:
    kept = st.session_state.get(_EDITING)
    if not isinstance(kept, Editing) or kept.recipe_id != current.recipe_id:
        kept = st.session_state[_EDITING] = Editing(current.recipe_id, current.id, current.id, _next())
    return kept


def say(words: str) -> None:
    """For the next run of the page, which follows at once."""
    st.session_state[_SAID] = words


def take_said() -> str | None:
    said: str | None = st.session_state.pop(_SAID, None)
    return said


def _go(query: dict[str, str]) -> None:
    st.query_params.from_dict(query)


def _next() -> int:
    serial: int = st.session_state.get("recipes_serial", 0) + 1
    st.session_state["recipes_serial"] = serial
    return serial
