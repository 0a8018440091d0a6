"""What a shop's visitors download says how the picture was made: read back by a library that had no part in writing it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import exiv2
import pytest
from PIL import Image
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.bootstrap import WorkerApp
from core.inspect.decode import decode
from core.inspect.framing import Framing, frame
from core.inspect.jpeg import DigitalSourceType, to_jpeg
from core.providers.cloudinary_host import CloudinaryHost
from core.ui import guard, photos, web
from tests.emulators.fixtures import Emulators
from tests.integration.workshop import work
from tests.shop import job, one, photo
from tests.ui.pages_harness import make_app

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TAG = "Xmp.iptcExt.DigitalSourceType"


class Metadata(NamedTuple):
    xmp: dict[str, str]
    exif: list[str]
    iptc: list[str]


def read(data: bytes) -> Metadata:
    image = exiv2.ImageFactory.open(data)
    image.readMetadata()
    assert image.mimeType() == "image/jpeg"
    return Metadata(
        {datum.key(): datum.toString() for datum in image.xmpData()},
        [datum.key() for datum in image.exifData()],
        [datum.key() for datum in image.iptcData()],
    )


def from_a_phone() -> bytes:
    """A photo that says where and by whom it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Celular"
    exif[0x013B] = "Ana"
    exif.get_ifd(0x8825).update({1: "S", 2: (34.0, 36.0, 12.0), 3: "W", 4: (58.0, 22.0, 54.0)})
    out = io.BytesIO()
    Image.open(io.BytesIO(photo())).save(out, "JPEG", exif=exif, comment=b"mostrador")
    return out.getvalue()


def finished(kind: DigitalSourceType) -> bytes:
    return to_jpeg(frame(decode(from_a_phone()).image, Framing()), digital_source_type=kind)


def check(delivered: bytes, kind: DigitalSourceType) -> None:
    assert read(delivered) == Metadata({TAG: VOCABULARY + kind}, [], [])
    assert b"mostrador" not in delivered


@pytest.fixture
def host(emulators: Emulators) -> CloudinaryHost:
    return CloudinaryHost(emulators.cloudinary_url)


@pytest.fixture
def panel(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    app = make_app(engine, tmp_path)
    guard.install(app)
    with TestClient(Starlette(routes=web.routes(app, lambda _app: Starlette()))) as client:
        yield client
    guard.install(None)


def test_the_reader_sees_what_a_phone_writes() -> None:
    told = read(from_a_phone())
    assert "Exif.GPSInfo.GPSLatitude" in told.exif and not told.xmp


@pytest.mark.parametrize("kind", get_args(DigitalSourceType))
def test_cloudinary_delivers_the_tag_and_nothing_of_the_phone(
    emulators: Emulators, host: CloudinaryHost, kind: DigitalSourceType
) -> None:
    data = finished(kind)
    url = host.upload(data, "catalogo/12/34-1", "image/jpeg").url
    for _from_the_cache in range(2):
        delivered = emulators.cloudinary.get(url).data
        assert delivered == data
        check(delivered, kind)


def test_the_address_in_the_catalogue_asks_for_no_transformation(host: CloudinaryHost) -> None:
    url = host.upload(finished("trainedAlgorithmicMedia"), "catalogo/12/34-1", "image/jpeg").url
    assert re.fullmatch(r".*/demo/image/upload/v\d+/catalogo/12/34-1\.jpg", url)


def test_a_transformed_address_would_lose_the_tag_unless_it_says_to_keep_it(
    emulators: Emulators, host: CloudinaryHost
) -> None:
    url = host.upload(finished("trainedAlgorithmicMedia"), "catalogo/12/34-1", "image/jpeg").url
    small = url.replace("/upload/", "/upload/c_limit,w_800,q_auto/")
    assert read(emulators.cloudinary.get(small).data).xmp == {}
    kept = url.replace("/upload/", "/upload/c_limit,w_800,q_auto,fl_keep_iptc/")
    check(emulators.cloudinary.get(kept).data, "trainedAlgorithmicMedia")


@pytest.mark.parametrize("kind", get_args(DigitalSourceType))
def test_this_machines_own_host_delivers_the_tag_too(panel: TestClient, kind: DigitalSourceType) -> None:
    app, data = guard.app(), finished(kind)
    path = "/fotos/" + app.local_host.upload(data, "catalogo/12/34-1", "image/jpeg").url.rpartition("/")[2]
    answer = panel.get(photos.sign(app.settings.data_dir, path, 60))
    assert answer.status_code == 200 and answer.content == data
    check(answer.content, kind)


def test_what_the_worker_publishes_says_that_a_model_drew_it(app: WorkerApp, queued: int, emulators: Emulators) -> None:
    work(app)
    done = job(app.engine, queued)
    url = one(app.engine, "SELECT imagen_url FROM articulos WHERE id = :id", id=done.articulo_id).imagen_url
    told = read(emulators.cloudinary.get(url).data)
    assert told.xmp[TAG].removeprefix(VOCABULARY).lower().endswith("trainedalgorithmicmedia")
    assert not told.exif
