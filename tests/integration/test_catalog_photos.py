"""Photos uploaded by file name, and the finished pictures as a ZIP."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, text

from core.access.actors import Actor
from core.catalog import photos
from core.catalog.archive import zip_finished
from core.catalog.photos import add_photos, match
from core.errors import NotAllowed, PausesQueue
from core.providers.local_host import LocalHost
from core.providers.ports import Hosted


def photo(colour: str = "red", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 80), colour).save(out, kind)
    return out.getvalue()


def add(engine: Engine, codigo: str | None, **columns: object) -> int:
    names = ["codigo", *columns]
    with engine.begin() as connection:
        return connection.scalars(
            text(f"INSERT INTO articulos ({', '.join(names)}) VALUES (:{', :'.join(names)}) RETURNING id"),
            {"codigo": codigo, **columns},
        ).one()


def rows(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path, "")


class ClosedHost:
    name = "cloudinary"
    calls = 0

    def check(self) -> None: ...

    def upload(self, image: bytes, public_id: str, media_type: str) -> Hosted:
        self.calls += 1
        raise PausesQueue

    def delete(self, public_id: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("name", "codigo"),
    [
        ("ABC-123.jpg", "ABC-123"),
        ("abc-123_2.JPG", "ABC-123"),
        ("ABC-123 (frente).png", "ABC-123"),
        ("ABC-9.jpg", "ABC"),
        ("carpeta/ABC.jpeg", "ABC"),
        ("C:\\fotos\\ABC.webp", "ABC"),
        ("CAN\u0303O.jpg", "Caño"),
        ("cano-1.jpg", "Caño"),
        ("ABC", "ABC"),
    ],
)
def test_a_file_belongs_to_the_longest_code_that_its_name_begins_with(engine: Engine, name: str, codigo: str) -> None:
    for code in ("ABC", "ABC-123", "Caño"):
        add(engine, code)
    matched, unmatched = match([name], engine)
    assert [article.codigo for _, article in matched] == [codigo]
    assert unmatched == []


def test_files_of_nobody_and_of_several_are_told_apart(engine: Engine) -> None:
    add(engine, "DOS")
    add(engine, "dos")
    add(engine, "BAJA", activo=False)
    add(engine, "")
    add(engine, None)
    matched, unmatched = match(["DOS.jpg", "DOSCIENTOS.jpg", "BAJA.jpg", ".jpg", ""], engine)
    assert matched == []
    assert "2 artículos" in unmatched[0].reason
    assert len(unmatched) == 5


def test_an_article_takes_one_file(engine: Engine) -> None:
    add(engine, "A")
    matched, unmatched = match(["A.jpg", "A_2.jpg"], engine)
    assert [name for name, _ in matched] == ["A.jpg"]
    assert "A.jpg" in unmatched[0].reason


def test_a_photo_is_kept_as_it_came_and_shown(engine: Engine, operator: Actor, host: LocalHost, tmp_path: Path) -> None:
    articulo_id, data = add(engine, "A"), photo()
    report = add_photos(host, engine, operator, [("A.jpg", data)])
    digest = hashlib.sha256(data).hexdigest()
    (added,) = report.added
    assert (added.articulo_id, added.url) == (articulo_id, f"/fotos/{digest}.jpg")
    assert report.rejected == ()
    stored = host.path_of(digest, "jpg")
    assert stored is not None
    assert stored.read_bytes() == data
    assert rows(engine, "SELECT imagen_url FROM articulos") == [(added.url,)]
    assert rows(engine, "SELECT articulo_id, kind, url, host, public_id FROM revelado.pictures") == [
        (articulo_id, "original", added.url, "local", f"originales/{articulo_id}/{digest[:16]}")
    ]


def test_the_same_photo_again_changes_nothing(engine: Engine, operator: Actor, host: LocalHost) -> None:
    add(engine, "A")
    first = add_photos(host, engine, operator, [("A.jpg", photo())])
    assert add_photos(host, engine, operator, [("A.jpg", photo())]) == first
    assert rows(engine, "SELECT count(*) FROM revelado.pictures") == [(1,)]


def test_our_own_picture_uploaded_as_a_photo_stays_known_as_ours(
    engine: Engine, operator: Actor, host: LocalHost
) -> None:
    articulo_id = add(engine, "A")
    ours = host.upload(photo(), "resultados/1", "image/jpeg")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:id, 'result', :url, 'local')"),
            {"id": articulo_id, "url": ours.url},
        )
    add_photos(host, engine, operator, [("A.jpg", photo())])
    assert rows(engine, "SELECT kind FROM revelado.pictures") == [("result",)]


def test_a_bad_photo_is_reported_and_the_others_go_on(
    engine: Engine, operator: Actor, host: LocalHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MAX_BYTES", 5_000)
    for code in ("A", "B", "C"):
        add(engine, code)
    files = [
        ("A.jpg", b"no es una foto"),
        ("A_2.jpg", photo()),
        ("B.jpg", b"x" * 5_001),
        ("C.png", photo(kind="PNG")),
        ("Z.jpg", photo()),
    ]
    report = add_photos(host, engine, operator, files)
    assert [added.name for added in report.added] == ["A_2.jpg", "C.png"]
    assert [rejected.name for rejected in report.rejected] == ["A.jpg", "B.jpg", "Z.jpg"]
    assert all(rejected.reason for rejected in report.rejected)


def test_a_closed_host_is_asked_once(engine: Engine, operator: Actor) -> None:
    add(engine, "A")
    add(engine, "B")
    host = ClosedHost()
    report = add_photos(host, engine, operator, [("A.jpg", photo()), ("B.jpg", photo())])
    assert [rejected.name for rejected in report.rejected] == ["A.jpg", "B.jpg"]
    assert host.calls == 1


def test_viewers_may_not_add_photos(engine: Engine, viewer: Actor, host: LocalHost) -> None:
    with pytest.raises(NotAllowed):
        add_photos(host, engine, viewer, [])


def add_finished(engine: Engine, codigo: str | None, url: str) -> int:
    articulo_id = add(engine, codigo, imagen_url=url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO revelado.pictures (articulo_id, kind, url, host) VALUES (:id, 'result', :url, 'external')"
            ),
            {"id": articulo_id, "url": url},
        )
    return articulo_id


def test_the_zip_names_finished_pictures_by_code_safely_and_once(engine: Engine) -> None:
    ids = [
        add_finished(engine, code, f"https://x/{number}")
        for number, code in enumerate(["A", "a", "../../b/c", "CON", "LEAME.TXT", "Caño ½", None, "..."])
    ]
    ids.append(add(engine, "sin resultado", imagen_url="https://x/original.jpg"))
    archive = zip_finished(engine, lambda url: url.encode(), ids)
    with archive.file, zipfile.ZipFile(archive.file) as opened:
        assert opened.namelist() == [
            "A.jpg",
            "a (2).jpg",
            "b_c.jpg",
            "CON_.jpg",
            "LEAME_TXT.jpg",
            "Caño ½.jpg",
            f"{ids[6]}.jpg",
            "foto.jpg",
        ]
        assert opened.read("A.jpg") == b"https://x/0"
        assert opened.testzip() is None
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
    assert (archive.pictures, archive.failed) == (8, 0)


def test_pictures_that_cannot_be_read_are_listed_in_the_zip(engine: Engine) -> None:
    ids = [add_finished(engine, code, f"https://x/{code}") for code in ("A", "B")]

    def read(url: str) -> bytes:
        if url.endswith("A"):
            raise OSError("no responde")
        return b"x"

    archive = zip_finished(engine, read, ids)
    with archive.file, zipfile.ZipFile(archive.file) as opened:
        assert opened.namelist() == ["B.jpg", "LEAME.txt"]
        assert "A: no responde" in opened.read("LEAME.txt").decode("utf-8-sig")
    assert (archive.pictures, archive.failed) == (1, 1)


def test_a_replaced_picture_of_ours_is_not_in_the_zip(engine: Engine) -> None:
    articulo_id = add_finished(engine, "A", "https://x/nuestra.jpg")
    with engine.begin() as connection:
        connection.execute(text("UPDATE articulos SET imagen_url = 'https://x/otra.jpg'"))
    archive = zip_finished(engine, lambda url: b"", [articulo_id])
    with archive.file:
        assert archive.pictures == 0
