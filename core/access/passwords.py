"""Passwords: argon2id to store them, length and how soon they would be guessed to accept them."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.access import guessable
from core.errors import InvalidInput, Words

MIN_LENGTH, MAX_LENGTH = 12, 200

_hasher = PasswordHasher()
#: Each hash takes 64 MiB: a flood of sign-ins must wait, not take the machine's memory.
_memory = threading.BoundedSemaphore(4)

#: Without the characters that are mistaken for one another when read aloud or copied by hand.
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    with _memory:
        return _hasher.hash(_bytes(password))


def verify(stored: str, password: str) -> bool:
    with _memory:
        try:
            return _hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Made with an earlier choice of algorithm or cost."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def decoy() -> str:
    """The hash of nobody's password: checking an unknown account against it takes as long as a known one."""
    return _decoy()


@cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe(32))


def check_new(password: str, *own: str) -> None:
    """`own`: what is known of the person, like name and address. Raises InvalidInput."""
    if len(password) < MIN_LENGTH:
        raise InvalidInput(field="contraseña", why=Words("use al menos {least} caracteres.", least=MIN_LENGTH))
    if len(password) > MAX_LENGTH:
        raise InvalidInput(field="contraseña", why=Words("use como mucho {most} caracteres.", most=MAX_LENGTH))
    if guessable.easy(password):
        raise InvalidInput(
            field="contraseña",
            why="es de las que se prueban primero: muy usada, o una palabra con unos números."
            " Use tres o cuatro palabras sin relación entre ellas, por ejemplo: mate lluvia escalera.",
        )
    if guessable.easy(password, own):
        raise InvalidInput(
            field="contraseña",
            why="se parece a su nombre o a su correo. Use tres o cuatro palabras sin relación entre ellas.",
        )


def one_time() -> str:
    """Sixteen characters in groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def _bytes(password: str) -> bytes:
    # Keyboards differ in how they compose «ñ»; a lone surrogate is no character, but must not be an error here.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
