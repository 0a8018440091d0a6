"""For `pybabel extract`: what staff may read, wherever it is written.

Beside `_`, `N_` and `ngettext`: the `message` of each error class, the words that an error is raised with, and the
sentences of doubts, none of which may know gettext where they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import IO, Any

#: (line, function, messages, comments), as Babel wants it.
Found = tuple[int, str, str | tuple[str, ...], list[str]]

_ONE = {"_", "N_", "Words"}
_ERROR_WORDS = {"why", "field", "what"}
_TABLES = {"DOUBTS"}


def extract(file: IO[bytes], keywords: object, comment_tags: object, options: dict[str, Any]) -> Iterator[Found]:
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.Assign) and _names(node) == {"message"}:
            yield from _text(node.value)
        elif (
            isinstance(node, ast.Assign | ast.AnnAssign) and _names(node) & _TABLES and isinstance(node.value, ast.Dict)
        ):
            for value in node.value.values:
                yield from _text(value)


def _call(node: ast.Call) -> Iterator[Found]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in _ONE and node.args:
        yield from _text(node.args[0])
    elif name == "ngettext" and len(node.args) > 1:
        one, many = (_value(arg) for arg in node.args[:2])
        if one and many:
            yield node.lineno, "ngettext", (one, many), []
    for keyword in node.keywords:
        if keyword.arg in _ERROR_WORDS:
            yield from _text(keyword.value)


def _text(node: ast.expr) -> Iterator[Found]:
    if text := _value(node):
        yield node.lineno, "_", text, []


def _value(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _names(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}
