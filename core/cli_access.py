"""`python -m core user …` and `python -m core audit …`. Whoever can run them owns the installation."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy import Engine

from core import bootstrap
from core.access import audit_chain, invitations, users
from core.access.actors import SYSTEM, Role
from core.access.users import User
from core.config import Settings
from core.errors import InvalidInput, NotFound

ACTIONS = ("create", "invite", "disable", "enable", "role", "reset", "list")


def user(settings: Settings, options: argparse.Namespace) -> int:
    database = bootstrap.open_database(settings, "revelado cli")
    try:
        for line in _user(database.engine, options, settings.public_url or f"http://localhost:{settings.port}"):
            print(line)
    finally:
        database.close()
    return 0


def _user(engine: Engine, options: argparse.Namespace, panel: str) -> list[str]:
    """What to say. Raises AppError."""
    if options.action == "list":
        return [
            f"{u.email}  {u.name}  {u.role}  {'activo' if u.active else 'desactivado'}"
            for u in users.list_users(engine, SYSTEM)
        ]
    if not options.email:
        raise InvalidInput(field="correo", why="falta el del usuario.")
    email, role = options.email, Role(options.role)
    name = options.name or email.split("@")[0]
    if options.action == "create":
        _made, password = users.create_user(engine, SYSTEM, email=email, name=name, role=role)
        return [f"🔑 {email}: contraseña de un solo uso {password}"]
    if options.action == "invite":
        known = [u for u in users.list_users(engine, SYSTEM) if u.email == email.lower()]
        if known:
            token = invitations.invite_again(engine, SYSTEM, known[0].id)
        else:
            _made, token = invitations.invite(engine, SYSTEM, email=email, name=name, role=role)
        return [f"🔗 {email}: {panel}/?invitacion={token}", f"Vale una vez, durante {invitations.HOURS} horas."]
    found = _find(engine, email)
    if options.action == "role":
        users.set_role(engine, SYSTEM, found.id, role)
        return [f"✅ {found.email} es {role}"]
    if options.action == "reset":
        return [f"🔑 {found.email}: contraseña de un solo uso {users.reset_password(engine, SYSTEM, found.id)}"]
    active = options.action == "enable"
    users.set_active(engine, SYSTEM, found.id, active)
    return [f"✅ {found.email}: {'puede entrar' if active else 'desactivado, sus sesiones se cerraron'}"]


def _find(engine: Engine, email: str) -> User:
    for each in users.list_users(engine, SYSTEM):
        if each.email == email.lower():
            return each
    raise NotFound(what=f"el usuario {email}")


def audit(settings: Settings, options: argparse.Namespace) -> int:
    database = bootstrap.open_database(settings, "revelado cli")
    try:
        found = audit_chain.verify(database.engine, options.expect)
    finally:
        database.close()
    if found.problem:
        print(f"❌ {found.problem}", file=sys.stderr)
        return 1
    print(f"✅ El registro está completo: {found.lines} líneas.")
    print(f"Anote este final fuera de esta máquina: {found.end}")
    return 0
