"""The causes of failures as staff read them: what happened, what it means, what to do, and the one act that goes with it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.ui.texts import _

#: retry: try again as it is · photo: another photo first · recipe: another recipe · admin: somebody with the keys must act
#: · wait: it passes by itself, then retry · nothing: there is nothing to do.
Act = Literal["retry", "photo", "recipe", "admin", "wait", "nothing"]


class Cause(NamedTuple):
    title: str
    meaning: str  #: what it means and what to do
    act: Act


def of(code: str) -> Cause:
    """`code` of `core.errors`; empty for the earlier system's, which kept none."""
    for family in (_photo, _google, _picture, _elsewhere):
        if found := family().get(code):
            return found
    if not code:
        return Cause(
            _("Falló en el sistema anterior"),
            _(
                "No quedó guardada la causa. El artículo conserva la foto que tenía. Reintente; si falla, aquí dirá por qué."
            ),
            "retry",
        )
    return Cause(
        _("Ocurrió algo que no se esperaba"),
        _("El artículo conserva la foto que tenía y el detalle técnico está guardado. Avise a un administrador."),
        "admin",
    )


def _photo() -> dict[str, Cause]:
    """The photo we start from."""
    damaged = Cause(
        _("La foto está dañada o no se puede abrir"),
        _("El archivo está incompleto o tiene algo que no se puede leer. No se cobró nada. Cargue la foto otra vez."),
        "photo",
    )
    heavy = Cause(
        _("La foto es demasiado grande"),
        _("Pasa el peso o el tamaño que se puede abrir. No se cobró nada. Redúzcala y cárguela otra vez."),
        "photo",
    )
    address = Cause(
        _("La dirección de la foto está mal escrita"),
        _("No lleva a ninguna foto. No se cobró nada. Cargue la foto en Catálogo o corrija la dirección del artículo."),
        "photo",
    )
    refused = Cause(
        _("El sitio de la foto no la entrega"),
        _("Pide una clave, la rechaza o responde otra cosa. No se cobró nada. Cargue la foto en Catálogo."),
        "photo",
    )
    away = Cause(
        _("El sitio de la foto no respondió"),
        _("Se probó muchas veces. No se cobró nada. Reintente más tarde, o cargue la foto en Catálogo."),
        "retry",
    )
    return {
        "source_gone": Cause(
            _("La foto ya no existe"),
            _("En su dirección no hay nada. No se cobró nada. Cargue otra foto del artículo."),
            "photo",
        ),
        "our_picture_gone": Cause(
            _("La foto ya no está en el disco"),
            _("Alguien borró el archivo. No se cobró nada. Cargue otra foto del artículo."),
            "photo",
        ),
        "no_picture_source": Cause(
            _("El artículo se quedó sin foto"),
            _("La tenía cuando se pidió y ya no. No se cobró nada. Cargue una foto."),
            "photo",
        ),
        "not_an_image": Cause(
            _("El archivo no es una foto"),
            _("Hay otra cosa en lugar de una foto JPEG, PNG o WebP. No se cobró nada. Cargue la foto correcta."),
            "photo",
        ),
        "animated": Cause(
            _("La foto es una animación"), _("No se cobró nada. Cargue una foto fija del artículo."), "photo"
        ),
        "too_small": Cause(
            _("La foto es muy pequeña"),
            _("Tiene tan pocos píxeles que no da para el catálogo. No se cobró nada. Consiga una más grande."),
            "photo",
        ),
        "truncated_image": damaged, "unreadable_source": damaged, "picture_breaks_studio": damaged,
        "picture_takes_too_long": damaged,
        "too_many_pixels": heavy, "decompression_bomb": heavy, "source_too_big": heavy, "photo_too_heavy": heavy,
        "picture_takes_too_much_memory": heavy,
        "address_invalid": address, "too_many_redirects": address, "address_not_public": address,
        "source_forbidden": refused, "source_refused": refused, "certificate_invalid": refused,
        "source_unavailable": away, "source_unreachable": away, "source_timed_out": away,
        "relative_address": Cause(
            _("La dirección de la foto está incompleta"),
            _("Falta saber de qué sitio es. Un administrador debe completar LEGACY_IMAGE_BASE_URL. No se cobró nada."),
            "admin",
        ),
        "article_inactive": Cause(
            _("El artículo está inactivo"),
            _("Ya no se vende, por eso no se hizo. No se cobró nada. Si vuelve a venderse, actívelo y reintente."),
            "nothing",
        ),
        "article_gone": Cause(
            _("El artículo ya no está en el catálogo"), _("No se cobró nada y no hay nada que hacer."), "nothing"
        ),
    }  # fmt: skip


def _google() -> dict[str, Cause]:
    """What Google said."""
    silent = Cause(
        _("Google no respondió"),
        _("Se probó muchas veces sin respuesta. No se cobró. Reintente cuando el servicio vuelva."),
        "wait",
    )
    undrawn = Cause(
        _("Google no dibujó la imagen"),
        _("Respondió sin una imagen que sirva. A veces sale al repetir; si no, pruebe con otra foto."),
        "retry",
    )
    night = Cause(
        _("La tanda de la noche no salió"),
        _("Google no la terminó. Reintente: se hará enseguida, al precio normal."),
        "retry",
    )
    doubt = Cause(
        _("No se sabe si Google cobró"),
        _("El pedido se cortó a la mitad. Si reintenta y ya se había cobrado, esa imagen se paga dos veces."),
        "retry",
    )
    return {
        "refused_photo": Cause(
            _("Google rechazó la foto"),
            _("Sus reglas no la permiten. No se cobró. Use la receta Fiel, que no usa Google, o cargue otra foto."),
            "photo",
        ),
        "gemini_photo": Cause(
            _("Google no pudo usar la foto"), _("No se cobró. Cargue otra foto del artículo."), "photo"
        ),
        "refused_brand": Cause(
            _("Google rechazó la foto porque se ve una marca"),
            _("No redibuja marcas registradas. Use la receta Fiel, que recorta sin redibujar y no cuesta nada."),
            "recipe",
        ),
        "refused_result": Cause(
            _("Google no entregó lo que hizo"),
            _("Sus reglas frenaron el resultado. Use la receta Fiel, que no cuesta nada, o cambie el texto de la receta."),
            "recipe",
        ),
        "no_picture": undrawn, "text_only": undrawn, "cut_answer": undrawn, "corrupt_answer": undrawn,
        "no_usable_picture": undrawn, "gemini_unexpected": undrawn,
        "gemini_unreachable": silent, "gemini_overloaded": silent,
        "economy_expired": night, "economy_failed": night, "economy_refused": night, "economy_lost": night,
        "economy_unsent": night, "gemini_batch_missing": night, "gemini_batch_words": night,
        "doubtful_purchase": doubt, "gemini_unanswered": doubt, "economy_item_missing": doubt,
        "other_editor": Cause(
            _("Se pagó con un editor que ya no se usa"),
            _("La imagen está comprada, pero falta la clave con que se hizo. Un administrador debe revisarlo."),
            "admin",
        ),
    }  # fmt: skip


def _picture() -> dict[str, Cause]:
    """The picture that was made."""
    return {
        "blank_picture": Cause(
            _("La imagen salió en blanco"), _("Reintente; si se repite, cargue otra foto del artículo."), "retry"
        ),
        "unreadable_picture": Cause(
            _("La imagen llegó dañada"), _("Lo que mandó el editor no se pudo abrir. Reintente."), "retry"
        ),
        "unreadable_answer": Cause(
            _("El resultado guardado está dañado"), _("No se cobró nada. Reintente: se hace de nuevo."), "retry"
        ),
        "article_changed": Cause(
            _("Alguien cambió la foto mientras se procesaba"),
            _("Se respetó la foto nueva. Si quiere mejorar esa, reintente."),
            "retry",
        ),
        "picture_too_large": Cause(
            _("La imagen pesa más de lo que Cloudinary acepta"),
            _("Está guardada: no se paga otra vez. Elija en la receta un tamaño menor y reintente."),
            "recipe",
        ),
    }


def _elsewhere() -> dict[str, Cause]:
    """Where pictures are kept, and the machine itself."""
    kept = _("La imagen ya hecha está guardada: no se paga otra vez. Un administrador debe revisar la cuenta.")
    disk = _("La imagen ya hecha está guardada: no se paga otra vez. Un administrador debe revisar el disco.")
    return {
        "host_unreachable": Cause(
            _("Cloudinary no respondió"),
            _("La imagen ya hecha está guardada: no se paga otra vez. Reintente cuando el servicio vuelva."),
            "wait",
        ),
        "picture_rejected": Cause(_("Cloudinary no aceptó la imagen"), kept, "admin"),
        "host_not_allowed": Cause(_("Cloudinary no permite subir imágenes"), kept, "admin"),
        "id_collision": Cause(_("Ya hay otra imagen guardada con ese nombre"), kept, "admin"),
        "format_not_hosted": Cause(_("No se puede guardar ese tipo de imagen"), kept, "admin"),
        "disk_full": Cause(_("El disco está lleno"), disk, "admin"),
        "disk_failed": Cause(_("No se pudo escribir en el disco"), disk, "admin"),
        "studio_not_started": Cause(
            _("Al equipo le faltó memoria"),
            _("No se pudieron abrir las fotos. Un administrador debe revisar el equipo; después, reintente."),
            "admin",
        ),
        "worker_died": Cause(
            _("El trabajador se detuvo a mitad del artículo"),
            _(
                "Pasó varias veces con el mismo artículo. Reintente; si se repite, cargue otra foto y avise al administrador."
            ),
            "retry",
        ),
    }
