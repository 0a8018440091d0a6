"""The settings that administrators change: their words, and how a typed number is read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from core.errors import InvalidInput
from core.settings.values import BOUNDS, MAX_ADDRESS, Tuning, Value, checked
from core.ui import formats
from core.ui.texts import _

#: No thousands separator: `1.200` is twelve hundred to one person and one and a fifth to another.
_WHOLE, _MONEY = re.compile(r"-?\d{1,12}"), re.compile(r"-?\d{1,12}([.,]\d{1,2})?")
MONEY = frozenset({"daily_budget", "monthly_budget"})


@dataclass(frozen=True)
class Field:
    name: str  #: of `Tuning`
    label: str
    does: str  #: what it does, for staff


@dataclass(frozen=True)
class Group:
    title: str
    fields: tuple[Field, ...]


def speeds() -> dict[str, tuple[str, str]]:
    """{value: (word, what it means)}."""
    return {
        "tranquila": (_("Tranquila"), _("de a un artículo, con una pausa entre uno y otro.")),
        "rapida": (_("Rápida"), _("hasta cuatro artículos a la vez, dentro de los límites.")),
        "maxima": (_("Máxima"), _("tantos artículos a la vez como permitan los límites.")),
    }


def inspections() -> dict[str, tuple[str, str]]:
    """{value: (word, what it means)}."""
    return {
        "completa": (
            _("Completa"),
            _("compara cada imagen con su foto: forma, colores, piezas y lo que dicen las etiquetas (unos segundos)."),
        ),
        "basica": (
            _("Básica"),
            _("solo fondo, tamaño y encuadre. Un cambio en el producto o en su etiqueta pasa sin aviso."),
        ),
    }


def groups(speed: str) -> list[Group]:
    """In the order of the page; the pause between articles only where it counts."""
    pause = Field(
        "delay_seconds",
        _("Segundos entre artículos"),
        _("Cuánto descansa el trabajador entre un artículo y el siguiente, a velocidad Tranquila."),
    )
    return [
        Group(
            _("Presupuesto"),
            (
                Field(
                    "daily_budget",
                    _("Tope por día (US$)"),
                    _("Al llegar, la cola se pone en pausa hasta la medianoche. 0: sin tope."),
                ),
                Field(
                    "monthly_budget",
                    _("Tope por mes (US$)"),
                    _("Al llegar, la cola se pone en pausa hasta el primer día del mes. 0: sin tope."),
                ),
                Field(
                    "admin_over_articles",
                    _("Artículos de una vez sin administrador"),
                    _("Para pedir más de estos de una vez hace falta un administrador."),
                ),
                Field(
                    "admin_over_usd",
                    _("US$ de una vez sin administrador"),
                    _("Para pedir lo que se espera que cueste más, también."),
                ),
            ),
        ),
        Group(
            _("Ritmo"),
            (
                *((pause,) if speed == "tranquila" else ()),
                Field(
                    "images_per_minute",
                    _("Imágenes por minuto"),
                    _("Las que piden en un minuto todos los trabajadores juntos. 0: sin límite."),
                ),
                Field(
                    "images_per_day",
                    _("Imágenes por día"),
                    _(
                        "Al llegar, la cola espera a la medianoche de California, cuando Google renueva su cuota."
                        " 0: sin límite."
                    ),
                ),
                Field(
                    "in_flight",
                    _("Pedidos a la vez"),
                    _("Las imágenes que se piden al mismo tiempo entre todos los trabajadores."),
                ),
                Field(
                    "economy_wait_minutes",
                    _("Minutos de la tanda de la noche"),
                    _("Cuánto se juntan artículos económicos antes de mandarlos a Google en una sola tanda."),
                ),
            ),
        ),
        Group(
            _("Cuando algo falla"),
            (
                Field(
                    "max_intentos",
                    _("Intentos por artículo"),
                    _(
                        "Después de fallar tantas veces, el artículo queda como fallido."
                        " Vale para lo que se pida desde ahora."
                    ),
                ),
                Field(
                    "doubtful_rebuys",
                    _("Compras dudosas que se repiten"),
                    _(
                        "Si un pedido se cortó y no se sabe si se cobró: 1 lo pide otra vez sin preguntar;"
                        " 0 espera que decida una persona."
                    ),
                ),
            ),
        ),
        Group(
            _("Limpieza"),
            (
                Field(
                    "keep_superseded_days",
                    _("Días para lo reemplazado"),
                    _(
                        "Cuánto se guarda una imagen nuestra que otra reemplazó; después se borra."
                        " Para las fotos originales vale el ajuste que sigue."
                    ),
                ),
                Field(
                    "keep_originals_days",
                    _("Días para las fotos originales"),
                    _(
                        "0: no se borran nunca. Con un número, de 30 o más, la foto original que se cargó en Revelado"
                        " se borra cuando hace tantos días que la imagen nueva está en la tienda y nadie decidió otra"
                        " cosa. Después, ese artículo no se puede rehacer sin cargar otra foto."
                    ),
                ),
                Field(
                    "clean_days",
                    _("Días para limpiar el historial"),
                    _("Lo que propone «Limpiar el historial»: trabajos terminados hace más de estos días."),
                ),
            ),
        ),
        Group(
            _("Sesiones"),
            (
                Field(
                    "idle_minutes",
                    _("Minutos sin uso"),
                    _(
                        "Sin que la persona haga nada, su sesión se cierra. Las pantallas que se actualizan solas no cuentan."
                    ),
                ),
                Field(
                    "session_hours",
                    _("Horas de una sesión"),
                    _("Pasadas estas, hay que entrar otra vez. Vale para las sesiones que empiecen desde ahora."),
                ),
            ),
        ),
        Group(
            _("Avisos"),
            (
                Field(
                    "webhook_url",
                    _("Dirección para avisos"),
                    _("Otro sistema recibe aquí un aviso (POST, JSON) cuando la cola se detiene y cuando sigue."),
                ),
            ),
        ),
    ]


def label(name: str) -> str:
    """What the page calls a setting; a name that isn't known here, as it is."""
    elsewhere = {
        "speed": _("Velocidad"),
        "inspection": _("Inspección"),
        "poll_seconds": _("Segundos entre miradas a la cola"),
        "schedule_from": _("Horario: desde"),
        "schedule_to": _("Horario: hasta"),
        "currency": _("Moneda"),
        "currency_rate": _("Cotización"),
        "currency_date": _("Fecha de la cotización"),
    }
    fields = (field for group in groups("tranquila") for field in group.fields)
    return elsewhere.get(name) or next((field.label for field in fields if field.name == name), name)


def longest(name: str) -> int:
    """Characters of its field."""
    return MAX_ADDRESS if name == "webhook_url" else 16


def bounds(name: str) -> str:
    if name not in BOUNDS:
        return ""
    low, high = BOUNDS[name]
    return _("Entre {low} y {high}.").format(low=formats.count(low), high=formats.count(high))


def written(name: str, tuning: Tuning) -> str:
    """As the field shows it: `20,00`, `4`."""
    value = getattr(tuning, name)
    return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def said(name: str, value: Value) -> str:
    """As a sentence says it."""
    if name == "speed":
        return speeds()[str(value)][0]
    if name == "inspection":
        return inspections()[str(value)][0]
    if isinstance(value, str):
        return value or _("nada")
    if isinstance(value, Decimal):
        return formats.money(value)
    return formats.count(int(value))


def read(field: Field, typed: str) -> Value:
    """Raises InvalidInput that names the field in its own words."""
    typed = typed.strip()
    if field.name == "webhook_url":
        return _checked(field, typed)
    money = field.name in MONEY
    if not (_MONEY if money else _WHOLE).fullmatch(typed):
        example = "1200 o 12,50" if money else "30"
        raise InvalidInput(
            field=field.label,
            why=_("escriba un número sin separador de miles, como {example}.").format(example=example),
        )
    return _checked(field, typed.replace(",", "."))


def _checked(field: Field, typed: str) -> Value:
    try:
        return checked(field.name, typed)
    except InvalidInput as error:
        raise InvalidInput(field=field.label, why=error.params["why"]) from error
