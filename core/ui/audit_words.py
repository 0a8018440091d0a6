"""What the lines of the audit log are called, and what they say, for people."""

from __future__ import annotations

import json
from typing import Any

from core.ui import settings_fields
from core.ui.texts import _


def kind(code: str) -> str:
    return {
        "sign_in": _("Inició sesión"),
        "sign_in_refused": _("Inicio de sesión rechazado"),
        "sign_out": _("Salió"),
        "refused": _("Sin permiso"),
        "user_created": _("Creó un usuario"),
        "user_invited": _("Invitó a un usuario"),
        "user_active": _("Activó o desactivó un usuario"),
        "user_role": _("Cambió un rol"),
        "user_reset": _("Dio otra contraseña"),
        "password_changed": _("Cambió su contraseña"),
        "sessions_ended": _("Cerró sesiones"),
        "second_factor": _("Cambió el segundo paso"),
        "token_created": _("Creó un token"),
        "token_revoked": _("Retiró un token"),
        "enqueue": _("Pidió mejorar fotos"),
        "retry": _("Reintentó"),
        "cancel": _("Sacó de la cola"),
        "priority": _("Cambió la prioridad"),
        "pause": _("Pausó la cola"),
        "resume": _("Reanudó la cola"),
        "pilot": _("Decidió un piloto"),
        "clean": _("Limpió el historial"),
        "approve": _("Aprobó"),
        "reject": _("Rechazó"),
        "redo": _("Pidió rehacer"),
        "keep_original": _("Dejó la foto original"),
        "restore": _("Restauró una versión"),
        "undo_batch": _("Deshizo un lote"),
        "take_back": _("Deshizo una decisión"),
        "setting": _("Cambió un ajuste"),
        "recipe": _("Cambió una receta"),
        "trial": _("Probó una receta"),
        "catalog_import": _("Importó el catálogo"),
        "catalog_photos": _("Cargó una foto"),
        "demo_removed": _("Quitó la demostración"),
        "export": _("Descargó"),
    }.get(code, code)


def via(code: str) -> str:
    return {"panel": _("panel"), "api": _("API"), "cli": _("línea de comandos")}.get(code, code)


def details(found: dict[str, Any]) -> str:
    """Before and after as an arrow, the rest by name; a name or word that isn't known here stays as it was kept."""
    rest = {name: value for name, value in found.items() if name not in ("before", "after") and value not in (None, "")}
    parts = [
        f"{_name(name)}: {settings_fields.label(value) if name == 'setting' else _short(value)}"
        for name, value in rest.items()
    ]
    if "before" in found or "after" in found:
        parts.append(f"{_short(found.get('before'))} → {_short(found.get('after'))}")
    return "; ".join(parts)


def _name(code: str) -> str:
    return {
        "account": _("cuenta"),
        "action": _("acción"),
        "added": _("agregados"),
        "articulo_id": _("artículo"),
        "articulos": _("artículos"),
        "batch": _("lote"),
        "cancelled": _("sacados"),
        "cause": _("causa"),
        "days": _("días"),
        "decision": _("decisión"),
        "discarded": _("descartadas"),
        "email": _("correo"),
        "first": _("los primeros"),
        "front": _("al frente"),
        "invited": _("por invitación"),
        "job": _("trabajo"),
        "jobs": _("trabajos"),
        "label": _("nombre"),
        "lane": _("carril"),
        "name": _("nombre"),
        "pictures": _("imágenes"),
        "prioridad": _("prioridad"),
        "provider": _("proveedor"),
        "reason": _("motivo"),
        "recipe": _("receta"),
        "released": _("liberados"),
        "role": _("rol"),
        "scope": _("alcance"),
        "sessions": _("sesiones"),
        "sessions_ended": _("sesiones cerradas"),
        "setting": _("ajuste"),
        "skipped": _("salteados"),
        "trial": _("prueba"),
        "user": _("usuario"),
        "what": _("qué"),
        "why": _("por qué"),
    }.get(code, code)


def _word(value: str) -> str:
    return {
        "normal": _("normal"),
        "economy": _("Económica"),
        "read": _("leer"),
        "operate": _("operar"),
        "unknown": _("correo desconocido"),
        "password": _("contraseña equivocada"),
        "current_password": _("contraseña actual equivocada"),
        "code": _("código equivocado"),
        "inactive": _("usuario desactivado"),
        "locked": _("demasiados intentos"),
    }.get(value, kind(value))


def _short(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    if isinstance(value, list) and all(isinstance(one, dict) and "articulo_id" in one for one in value):
        return ", ".join(_("artículo {id}").format(id=one["articulo_id"]) for one in value)
    return _word(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
