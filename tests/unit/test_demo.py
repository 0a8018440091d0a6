"""The demo catalogue is whole, and its generator repeats itself."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from demo.generate.bad import ORIENTATION, save
from demo.generate.shots import SHOTS
from demo.generate.studio import photograph

DEMO = Path(__file__).parents[2] / "demo"
CATEGORIES = {
    "Tornillería",
    "Herramientas manuales",
    "Herramientas eléctricas",
    "Pinturas",
    "Plomería",
    "Electricidad",
    "Fijaciones",
    "Seguridad",
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (DEMO / "catalogo.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_the_catalogue_has_eight_articles_or_more_in_each_of_the_eight_categories(rows):
    per_category = Counter(row["categoria"] for row in rows)
    assert set(per_category) == CATEGORIES
    assert min(per_category.values()) >= 8
    assert len(rows) >= 60


def test_every_article_is_described_and_its_code_is_its_own(rows):
    assert list(rows[0]) == ["codigo", "nombre", "descripcion", "unidad", "categoria", "foto"]
    assert len({row["codigo"] for row in rows}) == len(rows)
    assert all(row[field].strip() for row in rows for field in ("codigo", "nombre", "descripcion", "unidad"))
    assert all(None not in row for row in rows)


def test_every_named_photo_exists_opens_and_is_used(rows):
    named = {row["foto"] for row in rows if row["foto"]}
    assert named == {path.name for path in (DEMO / "fotos").glob("*")}
    assert 1 <= sum(not row["foto"] for row in rows) <= 3
    for name in named:
        with Image.open(DEMO / "fotos" / name) as photo:
            photo.load()
            assert photo.format == "JPEG"


def test_every_photo_can_be_made_again(rows):
    assert {f"{code}.jpg" for code in SHOTS} == {row["foto"] for row in rows if row["foto"]}


def test_the_photos_weigh_less_than_six_megabytes_together():
    assert sum(path.stat().st_size for path in (DEMO / "fotos").iterdir()) < 6_000_000


def test_the_bad_photos_are_bad(rows):
    def opened(code: str) -> Image.Image:
        return Image.open(DEMO / "fotos" / f"{code}.jpg")

    assert all(np.asarray(opened(code).convert("L")).mean() < 70 for code in ("TOR-008", "ELE-008"))
    assert max(opened("ELE-003").size) <= 240
    assert {opened(code).getexif()[ORIENTATION] for code in ("HMA-004", "PIN-005")} == {6, 8}


@pytest.mark.parametrize("code", ["TOR-005", "PLO-002"])
def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(code):
    first, again = (np.asarray(photograph(code, SHOTS[code], longer_side=72)) for _ in range(2))
    other = np.asarray(photograph(code, SHOTS[code], seed=7, longer_side=72))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_stored_on_its_side_is_upright_once_its_orientation_is_applied(tmp_path, orientation):
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 16, 16))
    save(upright, tmp_path / "a.jpg", orientation, quality=95)
    with Image.open(tmp_path / "a.jpg") as stored:
        seen = ImageOps.exif_transpose(stored)
    assert seen.size == (64, 32)
    red, green, _ = seen.getpixel((4, 4))
    assert red > 200 > green
