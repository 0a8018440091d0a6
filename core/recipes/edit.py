"""What administrators do with recipes. A version is never changed: each save is another, with who and when."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from core.access import audit
from core.access.actors import Actor, Role
from core.db.text import storable
from core.errors import Conflict, InvalidInput, NotFound, Words
from core.recipes import recipes
from core.recipes.draft import Draft, checked, differences
from core.recipes.recipes import Version

MAX_NAME = 80

_CREATE = text("""
    WITH made AS (INSERT INTO revelado.recipes (name, created_by) VALUES (:name, :by) RETURNING id)
    INSERT INTO revelado.recipe_versions
        (recipe_id, number, kind, prompt, model, size, fill, shadow, publish, note, created_by)
    SELECT id, 1, :kind, :prompt, :model, :size, :fill, :shadow, :publish, :note, :by FROM made RETURNING id
""")

#: By the clock, not by the transaction's start: a draft must not seem older than the version it was made from.
_ADD = text("""
    INSERT INTO revelado.recipe_versions
        (recipe_id, number, kind, prompt, model, size, fill, shadow, publish, note, created_at, created_by)
    SELECT v.recipe_id, CASE WHEN :draft THEN NULL ELSE v.number + 1 END, :kind, :prompt, :model, :size, :fill, :shadow,
        :publish, :note, clock_timestamp(), :by
    FROM revelado.recipe_versions v WHERE v.id = :based_on AND v.id = revelado.current_version(v.recipe_id) RETURNING id
""")

#: Only while the version it was made from is still the current one.
_ADOPT = text("""
    UPDATE revelado.recipe_versions d SET number = v.number + 1, created_at = clock_timestamp(), created_by = :by
    FROM revelado.recipe_versions v
    WHERE d.id = :id AND d.number IS NULL AND v.id = revelado.current_version(d.recipe_id) AND v.created_at < d.created_at
    RETURNING d.id
""")


_ASSIGNED = text("SELECT recipe_id FROM revelado.category_recipes WHERE categoria_id = :categoria")


def create(engine: Engine, actor: Actor, name: str, draft: Draft) -> Version:
    """Raises NotAllowed, InvalidInput."""
    actor.require(Role.ADMIN)
    asked = {**asdict(checked(draft)), "name": _named(name), "by": actor.name}
    try:
        with engine.begin() as connection:
            made = recipes.load(connection, connection.execute(_CREATE, asked).scalar_one())
            _tell(connection, actor, "create", made.recipe_id, after=_words(made))
            return made
    except IntegrityError as error:
        raise _taken() from error


def save(engine: Engine, actor: Actor, draft: Draft, *, based_on: int) -> Version:
    """`based_on`: the version it was edited from; that one again when nothing changed.

    Raises NotAllowed, InvalidInput, NotFound, and Conflict when somebody saved another meanwhile.
    """
    actor.require(Role.ADMIN)
    wanted = checked(draft)
    with engine.begin() as connection:
        base = recipes.load(connection, based_on)
        if not differences(base.draft, wanted) and recipes.current_of(connection, base.recipe_id).id == base.id:
            return base
        saved = recipes.load(connection, add(connection, actor, wanted, based_on=based_on))
        _tell_difference(connection, actor, "save", base, saved)
        return saved


def restore(engine: Engine, actor: Actor, version_id: int, *, based_on: int) -> Version:
    """An earlier version's words as a new version. Raises as `save`."""
    actor.require(Role.ADMIN)
    with engine.connect() as connection:
        old = recipes.load(connection, version_id)
        if recipes.load(connection, based_on).recipe_id != old.recipe_id:
            raise NotFound(what="esa versión en esta receta")
    return save(engine, actor, replace(old.draft, note=f"Restaurada de la versión {old.number}."), based_on=based_on)


def adopt(engine: Engine, actor: Actor, draft_id: int) -> Version:
    """A tried draft becomes the current version; once more changes nothing. Raises NotAllowed, NotFound, Conflict."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        draft = recipes.load(connection, draft_id)
        _hold(connection, draft.recipe_id)
        before_it = recipes.current_of(connection, draft.recipe_id)
        if connection.execute(_ADOPT, {"id": draft_id, "by": actor.name}).one_or_none() is None:
            draft = recipes.load(connection, draft_id)
            if draft.number is None:
                raise overtaken(recipes.current_of(connection, draft.recipe_id))
            return draft
        before, draft = before_it, recipes.load(connection, draft_id)
        _tell_difference(connection, actor, "adopt", before, draft)
        return draft


def add(connection: Connection, actor: Actor, wanted: Draft, *, based_on: int, draft: bool = False) -> int:
    """A version more, of fields that `checked` gave: saved, or a draft. Raises NotFound, Conflict."""
    recipe_id = recipes.load(connection, based_on).recipe_id
    _hold(connection, recipe_id)
    asked = {**asdict(wanted), "based_on": based_on, "draft": draft, "by": actor.name}
    made = connection.execute(_ADD, asked).scalar_one_or_none()
    if made is None:
        raise overtaken(recipes.current_of(connection, recipe_id))
    return int(made)


def rename(engine: Engine, actor: Actor, recipe_id: int, name: str, *, before: str) -> None:
    """Raises NotAllowed, InvalidInput, and Conflict when it isn't called `before` any more."""
    actor.require(Role.ADMIN)
    asked = {"id": recipe_id, "name": _named(name), "before": before}
    try:
        with engine.begin() as connection:
            renamed = connection.execute(
                text("UPDATE revelado.recipes SET name = :name WHERE id = :id AND name = :before"), asked
            )
            if renamed.rowcount:
                _tell(connection, actor, "rename", recipe_id, before=before, after=asked["name"])
    except IntegrityError as error:
        raise _taken() from error
    if renamed.rowcount == 0:
        raise Conflict(why="Otra persona ya le cambió el nombre a esta receta.")


def archive(engine: Engine, actor: Actor, recipe_id: int) -> None:
    """Its categories go back to what suits their name. Its versions stay. Raises NotAllowed, Conflict."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        archived = connection.execute(
            text(
                "UPDATE revelado.recipes SET archived_at = now() WHERE id = :id AND archived_at IS NULL AND NOT general"
            ),
            {"id": recipe_id},
        )
        if archived.rowcount:
            _tell(connection, actor, "archive", recipe_id)
    if archived.rowcount == 0:
        raise Conflict(why="La receta General no se archiva, y una archivada no se archiva otra vez.")


def take_out(engine: Engine, actor: Actor, recipe_id: int) -> None:
    """Out of the archive, with the categories it had. Raises NotAllowed, InvalidInput, Conflict."""
    actor.require(Role.ADMIN)
    try:
        with engine.begin() as connection:
            back = connection.execute(
                text("UPDATE revelado.recipes SET archived_at = NULL WHERE id = :id AND archived_at IS NOT NULL"),
                {"id": recipe_id},
            )
            if back.rowcount:
                _tell(connection, actor, "take_out", recipe_id)
    except IntegrityError as error:
        raise _taken() from error
    if back.rowcount == 0:
        raise Conflict(why="Esta receta ya no está archivada.")


def assign(engine: Engine, actor: Actor, categoria_id: int, recipe_id: int | None) -> None:
    """None: what suits the category's name, else the general one. Raises NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    asked = {"categoria": categoria_id, "recipe": recipe_id, "by": actor.name}
    with engine.begin() as connection:
        before = connection.scalar(_ASSIGNED, asked)
        if recipe_id is None:
            connection.execute(text("DELETE FROM revelado.category_recipes WHERE categoria_id = :categoria"), asked)
            _tell(connection, actor, "assign", None, categoria_id=categoria_id, before=before, after=None)
            return
        chosen = connection.execute(
            text(
                "INSERT INTO revelado.category_recipes (categoria_id, recipe_id, chosen_by) SELECT c.id, r.id, :by"
                " FROM public.categorias c, revelado.recipes r"
                " WHERE c.id = :categoria AND r.id = :recipe AND r.archived_at IS NULL"
                " ON CONFLICT (categoria_id) DO UPDATE SET recipe_id = excluded.recipe_id, chosen_at = now(),"
                " chosen_by = excluded.chosen_by"
            ),
            asked,
        )
        if chosen.rowcount:
            _tell(connection, actor, "assign", recipe_id, categoria_id=categoria_id, before=before, after=recipe_id)
    if chosen.rowcount == 0:
        raise NotFound(what="esa categoría, o la receta está archivada")


def _tell(connection: Connection, actor: Actor, what: str, recipe_id: int | None, **details: object) -> None:
    audit.record(connection, actor, "recipe", what=what, recipe=recipe_id, **details)


def _tell_difference(connection: Connection, actor: Actor, what: str, before: Version, after: Version) -> None:
    changed = differences(before.draft, after.draft)
    old, new = asdict(before.draft), asdict(after.draft)
    _tell(
        connection,
        actor,
        what,
        after.recipe_id,
        version=after.number,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )


def _words(version: Version) -> dict[str, object]:
    return {"name": version.recipe_name, **asdict(version.draft)}


def _hold(connection: Connection, recipe_id: int) -> None:
    """Who saves, waits for who saves. Raises Conflict."""
    archived_at = connection.execute(
        text("SELECT archived_at FROM revelado.recipes WHERE id = :id FOR UPDATE"), {"id": recipe_id}
    ).scalar_one()
    if archived_at is not None:
        raise Conflict(why="Esta receta está archivada. Sáquela del archivo para cambiarla.")


def overtaken(now: Version) -> Conflict:
    return Conflict(
        why=Words(
            "{who} guardó la versión {number} mientras tanto, y no se guardó nada encima."
            " Mire qué cambió y vuelva a intentarlo desde esa versión.",
            who=now.created_by,
            number=now.number,
        )
    )


def _named(name: str) -> str:
    name = " ".join(storable(name).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(field="Nombre", why=Words("use entre 1 y {most} caracteres.", most=MAX_NAME))
    return name


def _taken() -> InvalidInput:
    return InvalidInput(field="Nombre", why="ya hay una receta que se llama así. Elija otro.")
