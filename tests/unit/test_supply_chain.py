"""What is installed: every file known by its hash, from wherever it comes, and under a licence that lets us."""

from __future__ import annotations

import re

import pytest

from tests import licences
from tests.licences import EXCEPTIONS, ROOT

LOCKS = (*licences.LOCKS.values(), "requirements-weights.txt")


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_is_pinned_and_every_file_of_it_known_by_its_hash(file: str) -> None:
    for line in (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        assert re.fullmatch(r"[\w.-]+==[\w.]+ (; [^-]+ )?( +--hash=sha256:[0-9a-f]{64})+ *", line), line[:80]


@pytest.mark.parametrize("file", LOCKS)
def test_what_people_write_is_what_is_locked(file: str) -> None:
    written = (ROOT / file.replace(".txt", ".in")).read_text(encoding="utf-8").splitlines()
    wanted = dict(line.lower().split("==") for line in written if "==" in line)
    assert wanted.items() <= licences.locked(file).items(), "make lock"


def test_tests_run_on_the_versions_that_are_delivered() -> None:
    delivered, checked = licences.locked("requirements.txt"), licences.locked("requirements-dev.txt")
    both = delivered.keys() & checked.keys()
    assert {name: delivered[name] for name in both} == {name: checked[name] for name in both}


@pytest.mark.parametrize("file", licences.LOCKS.values())
def test_every_licence_is_free_or_has_its_reason(file: str) -> None:
    found = licences.packages(file)
    assert {re.sub(r"[_.]", "-", package.name.lower()) for package in found} == licences.locked(file).keys()
    assert [package for package in found if not package.is_free and package.name.lower() not in EXCEPTIONS] == []


def test_the_page_of_licences_names_what_is_locked() -> None:
    page = licences.PAGE.read_text(encoding="utf-8").lower()
    told = dict(re.findall(r"^\| ([\w.-]+) \| ([\w.]+) \|", page, re.MULTILINE))
    del told["package"]
    locked = dict(pin for file in licences.LOCKS.values() for pin in licences.locked(file).items())
    assert {name.replace("_", "-"): version for name, version in told.items()} == locked, "make licences"
