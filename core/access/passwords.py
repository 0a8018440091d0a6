"""Passwords: argon2id to store them, length and a short list of the obvious to accept them."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import InvalidInput, Words

MIN_LENGTH, MAX_LENGTH = 12, 200

_hasher = PasswordHasher()
#: Each hash takes 64 MiB: a flood of sign-ins must wait, not take the machine's memory.
_memory = threading.BoundedSemaphore(4)

#: What people choose when told "at least 12"; compared without case, accents and separators.
_COMMON = frozenset({
    "123456789012", "1234567890123", "012345678901", "123123123123", "123456123456", "qwertyuiop12", "qwertyuiop123",
    "qwerty123456", "asdfghjkl123", "1qaz2wsx3edc", "password1234", "password12345", "passwordpassword", "contrasena",
    "contrasena1", "contrasena12", "contrasena123", "contrasena1234", "micontrasena", "micontrasena1", "administrador",
    "administrador1", "administrador123", "administrator", "admin1234567", "admin12345678", "adminadminadmin",
    "bienvenido123", "bienvenidos123", "ferreteria123", "ferreteria1234", "ferreteria2024", "ferreteria2025",
    "ferreteria2026", "revelado1234", "revelado2025", "revelado2026", "teamo1234567", "futbol123456", "iloveyou1234",
})  # fmt: skip
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


def decoy() -> str:
    """The hash of nobody's password: checking an unknown account against it takes as long as a known one."""
    return _decoy()


@cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe(32))


def check_new(password: str) -> None:
    """Raises InvalidInput."""
    if len(password) < MIN_LENGTH:
        raise InvalidInput(field="contraseña", why=Words("use al menos {least} caracteres.", least=MIN_LENGTH))
    if len(password) > MAX_LENGTH:
        raise InvalidInput(field="contraseña", why=Words("use como mucho {most} caracteres.", most=MAX_LENGTH))
    if len(set(password)) < 4 or _plain(password) in _COMMON:
        raise InvalidInput(field="contraseña", why="es demasiado fácil de adivinar. Pruebe con varias palabras.")


def one_time() -> str:
    """Sixteen characters in groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def _bytes(password: str) -> bytes:
    # Keyboards differ in how they compose «ñ»; a lone surrogate is no character, but must not be an error here.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _plain(password: str) -> str:
    folded = unicodedata.normalize("NFKD", password).casefold()
    return "".join(c for c in folded if c.isalnum())
