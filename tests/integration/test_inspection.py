"""The full inspection, with the real networks and label reader, in the child that bounds it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from core.inspect.chooser import Inspector
from core.inspect.doubts import explain
from core.inspect.framing import Framing
from core.inspect.inspector import Comparison
from core.inspect.studio import Finished, PictureBreaksStudio, Studio
from core.pixels import Network
from core.providers.label_reader import LabelReader
from core.providers.local_compose import compose
from core.providers.local_cutout import Cutout, cut_out
from core.providers.u2net import Loader, find_weights

PHOTOS = Path(__file__).parents[2] / "demo" / "fotos"
MB = 2**20


@cache
def network() -> Network:
    found = Loader(find_weights()).get()
    assert found is not None
    return found


@cache
def reader() -> LabelReader:
    return LabelReader()


def label(volts: str, brand: str = "VOLTRA", size: tuple[int, int] = (420, 200)) -> Image.Image:
    image = Image.new("RGB", size, (20, 60, 150))
    pen = ImageDraw.Draw(image)
    pen.text((30, 20), brand, font=ImageFont.load_default(64), fill="white")
    pen.text((30, 110), f"{volts} 750W", font=ImageFont.load_default(56), fill=(250, 220, 40))
    return image


def boxed(volts: str, ground: Image.Image, at: tuple[int, int], scale: float = 1.0) -> Image.Image:
    """A box with a label, lying on `ground`."""
    box = Image.new("RGB", (560, 420), (205, 190, 150))
    ImageDraw.Draw(box).rectangle((0, 300, 560, 420), fill=(196, 30, 40))
    box.paste(label(volts), (70, 60))
    box = box.resize((round(560 * scale), round(420 * scale)), Image.Resampling.LANCZOS)
    image = ground.copy()
    image.paste(box, at)
    return image


def wood() -> Image.Image:
    noise = Image.effect_noise((1100, 800), 40).resize((1100, 800))
    return Image.merge("RGB", [noise.point(lambda v, c=c: int(v * c)) for c in (1.05, 0.8, 0.55)])


def white() -> Image.Image:
    return Image.new("RGB", (1200, 1200), "white")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(boxed("220V", wood(), (270, 180)), network(), reader())


def test_a_faithful_picture_is_good_moved_and_rescaled(comparison: Comparison) -> None:
    report, _ = comparison.inspect(boxed("220V", white(), (90, 210), 1.8))
    assert report.doubts == ()
    assert report.matched == "keypoints"
    assert "VOLTRA" in report.tokens_before and "VOLTRA" in report.tokens_after


def test_a_lost_digit_is_told_with_what_it_was_and_is(comparison: Comparison) -> None:
    report, _ = comparison.inspect(boxed("22V", white(), (90, 210), 1.8))
    assert report.verdict == "bad"
    assert "La etiqueta decía 220V y ahora dice 22V." in [explain(one) for one in report.findings]


def test_a_mirror_image_is_told(comparison: Comparison) -> None:
    turned = boxed("220V", white(), (90, 210), 1.8).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert comparison.inspect(turned)[0].findings[-1].code == "mirrored"


def test_nothing_is_compared_with_nothing(comparison: Comparison) -> None:
    report, seen = comparison.inspect(white())
    assert (report.doubts, report.mask_iou, seen) == (("blank",), None, None)


# ── in the child ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio(children=1)
    yield studio
    studio.close()


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind, quality=90)
    return out.getvalue()


def finish(studio: Studio, source: bytes, picture: Image.Image, **options: Any) -> Finished:
    before = studio.prepare(source).jpeg
    asked = {"framing": Framing(), "inspection": "full", "digital_source_type": "trainedAlgorithmicMedia", **options}
    return studio.finish(before, encoded(picture), **asked)


def test_the_child_inspects_within_its_memory_and_says_what_it_took(studio: Studio) -> None:
    report = finish(studio, encoded(boxed("220V", wood(), (270, 180))), boxed("22V", white(), (90, 210), 1.8)).report
    assert report.changed == (("220V", "22V"),)
    assert report.peak_megabytes is not None and report.peak_megabytes < 1_500
    assert report.seconds is not None and report.bytes is not None


def test_networks_that_do_not_fit_the_childs_memory_are_told_as_such() -> None:
    studio = Studio(children=1, memory=220 * MB)
    try:
        finished = finish(studio, encoded(boxed("220V", wood(), (270, 180))), boxed("220V", white(), (90, 210), 1.8))
    except PictureBreaksStudio:
        return  # by the child's death in a library that doesn't ask
    finally:
        studio.close()
    assert finished.trouble and [found.code for found in finished.report.findings] == ["uncompared"]


# ── the faithful variant ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def photographed(code: str) -> tuple[Image.Image, Cutout, Image.Image]:
    """A demo photo, what is cut out of it, and that on white."""
    source = Image.open(PHOTOS / f"{code}.jpg").convert("RGB")
    cut = cut_out(source, network())
    return source, cut, compose(source, cut, 1200, 0.88)


def test_washers_cut_out_of_their_photo_are_at_most_doubtful() -> None:
    source, _, picture = photographed("TOR-004")
    report, _ = Comparison(source, network(), reader()).inspect(picture)
    assert report.verdict != "bad", report.doubts


def redrawn(picture: Image.Image) -> Image.Image:
    """As a model redraws a product: nearly the same, its small print smeared, on another ground."""
    small = picture.resize((150, 150)).resize(picture.size, Image.Resampling.BICUBIC)
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rectangle((330, 560, 870, 1090), fill=255)
    return ImageChops.multiply(Image.composite(small, picture, mask), Image.new("RGB", picture.size, (255, 255, 255)))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_photos_own_pixels_take_the_place_of_a_redrawn_product() -> None:
    source, _, picture = photographed("PIN-001")
    made = redrawn(picture)
    best, report, used = Inspector().choose(source, made, Framing(size=1200), (), faithful=True)
    assert used == "composite"
    assert report.verdict == "good"
    assert ImageChops.difference(best, made).getbbox() is not None


@pytest.mark.long
@pytest.mark.timeout(300)
def test_another_product_is_not_pasted_over_but_replaced_by_the_cut_out_one() -> None:
    source, _, _ = photographed("PIN-001")
    _, _, other = photographed("SEG-001")
    _, report, used = Inspector().choose(source, other, Framing(size=1200), (), faithful=True)
    assert used == "cutout"
    assert "other_product" not in report.doubts
