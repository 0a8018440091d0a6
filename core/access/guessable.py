"""How soon somebody would guess a password: thirty thousand known ones, words, keyboard rows, dates, and the person's own.

The lists are English ones; what people here choose instead is added.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable

#: Guesses, as a power of ten, up to which a password is refused: years of guessing through the door, an hour with the hash
#: of a weaker algorithm than ours.
LEAST = 8
_LOOKED_AT = 72  #: characters; the time grows with their square

_SPANISH = (
    "contrasena", "clave", "secreto", "usuario", "administrador", "admin", "bienvenido", "bienvenidos", "bienvenida", "hola",
    "acceso", "entrar", "sistema", "ferreteria", "tienda", "negocio", "empresa", "ventas", "compras", "deposito", "tornillo",
    "martillo", "revelado", "catalogo", "fotos", "imagenes", "teamo", "tequiero", "miamor", "futbol", "campeon", "familia",
    "felicidad", "libertad", "gracias", "argentina", "mexico", "colombia", "peru", "chile", "uruguay", "espana", "enero",
    "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo", "primavera", "verano", "otono", "invierno",
)  # fmt: skip

#: The library keeps the words of a call where the next one finds them.
_one_at_a_time = threading.Lock()


def easy(password: str, own: Iterable[str] = ()) -> bool:
    """`own`: what is known of the person, like name and address."""
    import zxcvbn  # lists of some 15 MB, wanted only when somebody chooses a password

    words = [word for known in own for word in _words(known)]
    folded = _folded(password)
    # Separators, and signs at the end, are the first that is added to what doesn't suffice.
    for plain in {folded[:_LOOKED_AT], _joined(folded)[:_LOOKED_AT]} - {""}:
        with _one_at_a_time:
            found = zxcvbn.zxcvbn(plain, [*words, *_SPANISH], max_length=_LOOKED_AT)
        if float(found["guesses_log10"]) < LEAST:
            return True
    return False


def _words(known: str) -> list[str]:
    """`ana.ruiz@ferreteria.com`: as a whole, without what it's joined by, and each part."""
    folded = _folded(known)
    return [folded, _joined(folded), *re.findall(r"[^\W_]{3,}", folded)]


def _joined(words: str) -> str:
    return re.sub(r"[\W_]", "", words)


def _folded(words: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", words).casefold() if not unicodedata.combining(c))
