"""The finished file is light enough, well enough encoded, and says how it was made and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.inspect import jpeg
from core.inspect.jpeg import SOURCE_TYPE_URI, DigitalSourceType, source_type, to_jpeg

#: The mean of the luminance table at quality 90, as libjpeg scales it; more is worse.
AT_QUALITY_90 = 11.5


def noise(side: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(2).integers(0, 255, (side, side, 3), np.uint8))


def coarseness(data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as opened:
        return float(np.mean(opened.quantization[0]))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "kind", ["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia", "algorithmicallyEnhanced"]
)
def test_the_jpeg_says_how_it_was_made_and_nothing_else(kind: DigitalSourceType) -> None:
    source = Image.new("RGB", (300, 200), "red")
    source.info["exif"] = b"Exif\x00\x00GPS"
    source.info["comment"] = b"foto de Ana"
    data = to_jpeg(source, digital_source_type=kind)
    opened = Image.open(io.BytesIO(data))
    assert (opened.format, opened.mode) == ("JPEG", "RGB")
    assert (SOURCE_TYPE_URI + kind).encode() in opened.info["xmp"]
    assert not opened.getexif()
    assert b"Ana" not in data and b"GPS" not in data


def test_the_jpeg_says_that_its_colours_are_srgb() -> None:
    opened = Image.open(io.BytesIO(to_jpeg(Image.new("RGB", (30, 20)))))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(opened.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_the_same_pixels_give_the_same_file_on_another_day() -> None:
    assert jpeg._srgb() == jpeg.SRGB
    assert len({to_jpeg(noise(64)) for _ in range(2)}) == 1


def test_an_ordinary_picture_is_encoded_above_quality_90() -> None:
    assert coarseness(to_jpeg(noise(200))) < AT_QUALITY_90


def test_a_picture_too_heavy_at_quality_90_gets_smaller_rather_than_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "MAX_BYTES", 400_000)
    data = to_jpeg(noise(600))
    width, height = Image.open(io.BytesIO(data)).size
    assert len(data) < 400_000
    assert coarseness(data) <= AT_QUALITY_90
    assert width == height and 400 < width < 600


def test_the_noisiest_square_of_2000_pixels_is_under_10_megabytes() -> None:
    data = to_jpeg(noise(2000))
    assert len(data) < 10_000_000
    assert min(Image.open(io.BytesIO(data)).size) >= 1200


@pytest.mark.parametrize(
    ("used", "ai", "expected"),
    [
        ("made", True, "trainedAlgorithmicMedia"),
        ("composite", True, "compositeWithTrainedAlgorithmicMedia"),
        ("cutout", True, "algorithmicallyEnhanced"),
        ("made", False, "algorithmicallyEnhanced"),
    ],
)
def test_a_picture_is_marked_by_the_pixels_it_was_made_of(used: jpeg.Used, ai: bool, expected: str) -> None:
    assert source_type(used, ai=ai) == expected
