"""The disk host keeps every picture once, under its own hash, and never replaces one."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from core.errors import Permanent, Retryable, StartupError
from core.providers import local_host
from core.providers.local_host import LocalHost
from core.providers.signed_url import sign, verify

PICTURE = b"\xff\xd8\xff one"
OTHER = b"\xff\xd8\xff two"


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "fotos", "http://tienda.local:8501/")


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.name != ".lock"]


def test_a_picture_is_kept_and_found_by_its_hash(host: LocalHost) -> None:
    hosted = host.upload(PICTURE, "catalogo/12/7-1", "image/jpeg")
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    assert hosted.url == f"http://tienda.local:8501/fotos/{sha256}.jpg"
    assert hosted.etag == hashlib.md5(PICTURE).hexdigest()
    assert (hosted.host, hosted.public_id, hosted.existing) == ("local", "catalogo/12/7-1", False)
    path = host.path_of(sha256, "jpg")
    assert path is not None
    assert path.read_bytes() == PICTURE


def test_a_second_upload_of_the_same_id_changes_nothing(host: LocalHost, tmp_path: Path) -> None:
    first = host.upload(PICTURE, "a", "image/jpeg")
    kept = files(tmp_path)
    second = host.upload(PICTURE, "a", "image/jpeg")
    assert second.existing
    assert (second.url, second.etag) == (first.url, first.etag)
    assert sorted(files(tmp_path)) == sorted(kept)


def test_the_same_id_with_other_bytes_is_refused_and_the_first_stays(host: LocalHost) -> None:
    first = host.upload(PICTURE, "a", "image/jpeg")
    with pytest.raises(local_host.IdCollision):
        host.upload(OTHER, "a", "image/jpeg")
    path = host.path_of(first.asset_id, "jpg")
    assert path is not None
    assert path.read_bytes() == PICTURE
    assert issubclass(local_host.IdCollision, Permanent)


def test_a_picture_goes_with_the_last_id_that_uses_it(host: LocalHost, tmp_path: Path) -> None:
    sha256 = host.upload(PICTURE, "a", "image/jpeg").asset_id
    host.upload(PICTURE, "b", "image/jpeg")
    assert host.delete("a")
    assert host.path_of(sha256, "jpg") is not None
    assert host.delete("b")
    assert host.path_of(sha256, "jpg") is None
    assert files(tmp_path) == []


def test_deleting_twice_or_what_never_was_is_no_error(host: LocalHost) -> None:
    assert not host.delete("nothing")
    host.upload(PICTURE, "a", "image/jpeg")
    assert host.delete("a")
    assert not host.delete("a")


def test_a_deletion_cut_by_a_crash_is_finished_by_the_next_one(host: LocalHost, tmp_path: Path) -> None:
    sha256 = host.upload(PICTURE, "a", "image/jpeg").asset_id
    path = host.path_of(sha256, "jpg")
    assert path is not None
    path.unlink()
    assert host.upload(PICTURE, "a", "image/jpeg").existing
    assert host.path_of(sha256, "jpg") is not None
    next((tmp_path / "fotos" / "refs").rglob(f"*{sha256}*/*")).unlink()
    assert host.delete("a")
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "public_id",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a\x00b",
        "x" * 5000,
        "ñandú/..\\..",
        "\udc80",
        "CON",
        "a/\n",
    ],
)
def test_any_public_id_is_harmless(host: LocalHost, tmp_path: Path, public_id: str) -> None:
    host.upload(PICTURE, public_id, "image/jpeg")
    inside = tmp_path / "fotos"
    assert all(inside in path.resolve().parents for path in files(tmp_path))
    assert host.upload(PICTURE, public_id, "image/jpeg").existing
    assert host.delete(public_id)


@pytest.mark.parametrize(
    ("sha256", "ext"),
    [
        ("../../etc/passwd", "jpg"),
        ("a" * 64, "../x"),
        ("A" * 64, "jpg"),
        ("", ""),
        ("a" * 64 + "\n", "jpg"),
        ("a" * 64, "jpg"),
    ],
)
def test_nothing_but_a_held_hash_is_served(host: LocalHost, sha256: str, ext: str) -> None:
    host.upload(PICTURE, "a", "image/jpeg")
    assert host.path_of(sha256, ext) is None


def test_only_pictures_are_kept(host: LocalHost) -> None:
    with pytest.raises(local_host.FormatNotHosted):
        host.upload(b"<svg/>", "a", "image/svg+xml")
    assert host.upload(PICTURE, "b", "image/png").url.endswith(".png")


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, local_host.DiskFull), (errno.EDQUOT, local_host.DiskFull), (errno.EIO, local_host.DiskFailed)],
)
def test_a_failing_disk_leaves_no_half_picture_and_may_be_tried_again(
    host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(error):
            host.upload(PICTURE, "a", "image/jpeg")
    assert files(tmp_path) == []
    assert issubclass(error, Retryable)
    assert not host.upload(PICTURE, "a", "image/jpeg").existing


def test_writers_at_the_same_time_keep_one_picture(tmp_path: Path) -> None:
    root = tmp_path / "fotos"
    existing: list[bool] = []

    def upload() -> None:
        existing.append(LocalHost(root, "http://x").upload(PICTURE, "a", "image/jpeg").existing)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(existing) == [False] + [True] * 7
    assert len(files(root)) == 3


def test_a_folder_that_cannot_be_written_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StartupError):
        LocalHost(tmp_path / "file", "http://x").check()
    LocalHost(tmp_path / "new" / "fotos", "http://x").check()
    assert files(tmp_path / "new") == []


def test_a_signature_opens_its_path_until_its_hour() -> None:
    key, path = b"k" * 32, "/fotos/a.jpg"
    signature = sign(path, key, 1000)
    assert verify(path, signature, 1000, key, 999.9)
    assert not verify(path, signature, 1000, key, 1000)
    assert not verify(path, signature, 2000, key, 999)
    assert not verify("/fotos/b.jpg", signature, 1000, key, 999)
    assert not verify(path, signature, 1000, b"other", 999)
    assert not verify(path, "", 1000, key, 999)
    assert not verify(path, "ñ\udc80", 1000, key, 999)
