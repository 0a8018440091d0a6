"""The Cloudinary adapter, through the real SDK: what it sends, what it takes as done, and how every failure is told."""

from __future__ import annotations

import email
import hashlib

import pytest
from cloudinary import exceptions as sdk

from core.errors import PausesQueue, Permanent, Retryable, StartupError
from core.providers import cloudinary_errors
from core.providers.cloudinary_errors import classify
from core.providers.cloudinary_host import Account, CloudinaryHost
from tests.integration.scripted import cut, hang, reply, scripted_server

IMAGE = b"\xff\xd8\xff\xe0 a picture"
ID = "catalogo/12/34-1"


def asset(image: bytes = IMAGE, **more) -> dict:
    return {
        "asset_id": "a1",
        "public_id": ID,
        "version": 1764000000,
        "etag": hashlib.md5(image).hexdigest(),
        "bytes": len(image),
        "secure_url": f"https://res.cloudinary.com/demo/image/upload/v1764000000/{ID}.jpg",
        **more,
    }


def fields(seen) -> dict[str, str]:
    message = email.message_from_bytes(b"Content-Type: " + seen.headers["content-type"].encode() + b"\n\n" + seen.body)
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode("latin-1")
        for part in message.get_payload()
    }


@pytest.fixture
def cloud():
    with scripted_server() as server:
        yield server


@pytest.fixture
def host(cloud):
    return CloudinaryHost(f"cloudinary://key1:s3cr3t@demo?upload_prefix={cloud.url}", timeout=5)


# ── uploads ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_upload_gives_the_address_to_store(cloud, host):
    cloud.answers(reply(200, asset()))
    hosted = host.upload(IMAGE, ID, "image/jpeg")
    assert (hosted.host, hosted.public_id, hosted.asset_id, hosted.version) == ("cloudinary", ID, "a1", "1764000000")
    assert hosted.url == asset()["secure_url"]
    assert hosted.etag == hashlib.md5(IMAGE).hexdigest()
    assert not hosted.existing


def test_an_upload_never_overwrites_and_keeps_the_name_it_is_given(cloud, host):
    cloud.answers(reply(200, asset()))
    host.upload(IMAGE, ID, "image/jpeg")
    [seen] = cloud.seen
    sent = fields(seen)
    assert seen.path == "/v1_1/demo/image/upload"
    assert (sent["overwrite"], sent["unique_filename"], sent["use_filename"]) == ("0", "0", "0")
    assert (sent["public_id"], sent["api_key"]) == (ID, "key1")
    assert sent["file"] == IMAGE.decode("latin-1")
    assert b'filename="34-1.jpg"' in seen.body


def test_a_second_upload_of_the_same_bytes_changes_nothing(cloud, host):
    cloud.answers(reply(200, asset()), reply(200, asset(existing=True)))
    first, second = host.upload(IMAGE, ID, "image/jpeg"), host.upload(IMAGE, ID, "image/jpeg")
    assert second.existing
    assert second.url == first.url


def test_other_bytes_under_the_same_id_are_a_collision(cloud, host):
    cloud.answers(reply(200, asset(b"another picture", existing=True)))
    with pytest.raises(Permanent) as caught:
        host.upload(IMAGE, ID, "image/jpeg")
    assert caught.value.code == "id_collision"
    assert ID in caught.value.text


def test_without_an_etag_the_size_tells_a_collision(cloud, host):
    cloud.answers(reply(200, asset(existing=True, etag="")), reply(200, asset(existing=True, etag="", bytes=1)))
    assert host.upload(IMAGE, ID, "image/jpeg").existing
    with pytest.raises(cloudinary_errors.IdCollision):
        host.upload(IMAGE, ID, "image/jpeg")


def test_no_bytes_are_never_sent(cloud, host):
    with pytest.raises(cloudinary_errors.PictureRejected):
        host.upload(b"", ID, "image/jpeg")
    assert cloud.seen == []


@pytest.mark.parametrize("variable", ["CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME"])
def test_the_sdks_own_configuration_is_never_used(cloud, variable, monkeypatch):
    import cloudinary

    monkeypatch.setenv(
        "CLOUDINARY_URL", "cloudinary://other:other@other?oauth_token=x&upload_preset=y&upload_prefix=http://z"
    )
    if variable == "CLOUDINARY_CLOUD_NAME":
        for name in ("CLOUD_NAME", "API_KEY", "API_SECRET", "OAUTH_TOKEN", "UPLOAD_PRESET"):
            monkeypatch.setenv(f"CLOUDINARY_{name}", "other")
        monkeypatch.setenv("CLOUDINARY_UPLOAD_PREFIX", "http://z")
    cloudinary.reset_config()
    try:
        host = CloudinaryHost(f"cloudinary://key1:s3cr3t@demo?upload_prefix={cloud.url}", timeout=5)
        cloud.answers(reply(200, asset()), reply(200, {"result": "ok"}), reply(200, {"status": "ok"}))
        host.upload(IMAGE, ID, "image/jpeg")
        host.delete(ID)
        host.check()
    finally:
        monkeypatch.undo()
        cloudinary.reset_config()
    upload, destroy, ping = cloud.seen
    assert [seen.path for seen in cloud.seen] == [
        "/v1_1/demo/image/upload",
        "/v1_1/demo/image/destroy",
        "/v1_1/demo/ping",
    ]
    assert "upload_preset" not in fields(upload)
    assert fields(destroy)["api_key"] == "key1"
    assert all("Bearer" not in seen.headers.get("authorization", "") for seen in (upload, destroy, ping))


# ── failures ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [
        (reply(500, {"error": {"message": "oops"}}), "host_unreachable", Retryable),
        (reply(502, b"<html>Bad Gateway</html>", "text/html"), "host_unreachable", Retryable),
        (reply(503, {"error": {"message": "oops"}}), "host_unreachable", Retryable),
        (reply(504, {"error": {"message": "oops"}}), "host_unreachable", Retryable),
        (reply(200, [1]), "host_unreachable", Retryable),
        (reply(200, {"public_id": ID}), "host_unreachable", Retryable),
        (cut, "host_unreachable", Retryable),
        (reply(401, {"error": {"message": "Invalid Signature"}}), "host_refuses", PausesQueue),
        (reply(403, {"error": {"message": "disabled"}}), "host_refuses", PausesQueue),
        (reply(404, {"error": {"message": "no such cloud"}}), "host_refuses", PausesQueue),
        (reply(400, {"error": {"message": "Stale request - reported time is …"}}), "clock_wrong", PausesQueue),
        (reply(400, {"error": {"message": "File size too large. Got 1"}}), "picture_too_large", Permanent),
        (reply(400, {"error": {"message": "Invalid image file"}}), "picture_rejected", Permanent),
        (reply(420, {"error": {"message": "Too many requests"}}), "host_busy", PausesQueue),
        (reply(429, {"error": {"message": "Too many requests"}}), "host_busy", PausesQueue),
        (reply(420, {"error": {"message": "You don't have an active subscription"}}), "host_not_allowed", Permanent),
    ],
)
def test_every_failed_upload_has_its_class(cloud, host, answer, code, kind):
    cloud.answers(answer)
    with pytest.raises(kind) as caught:
        host.upload(IMAGE, ID, "image/jpeg")
    assert caught.value.code == code
    assert len(cloud.seen) == 1


def test_only_a_limit_of_speed_ends_by_itself():
    assert classify(sdk.RateLimited("Too many")).seconds == cloudinary_errors.RATE_PAUSE
    assert classify(sdk.NotAllowed("no")).seconds is None


def test_the_bare_exception_of_the_sdk_can_be_tried_again():
    assert isinstance(classify(Exception("Error 423 - locked")), Retryable)


def test_an_upload_that_is_not_answered_ends_and_can_be_tried_again(cloud):
    cloud.answers(hang)
    host = CloudinaryHost(f"cloudinary://key1:s3cr3t@demo?upload_prefix={cloud.url}", timeout=1)
    with pytest.raises(cloudinary_errors.HostUnreachable):
        host.upload(IMAGE, ID, "image/jpeg")
    assert len(cloud.seen) == 1


def test_every_message_fits_a_line():
    classes = [
        found
        for found in vars(cloudinary_errors).values()
        if isinstance(found, type) and found.__module__ == cloudinary_errors.__name__
    ]
    assert len(classes) == 8
    for found in classes:
        assert len(found.message.format(public_id=ID)) <= 200, found


# ── deleting and checking ───────────────────────────────────────────────────────────────────────────────────────────


def test_deleting_twice_is_done_twice(cloud, host):
    cloud.answers(reply(200, {"result": "ok"}), reply(200, {"result": "not found"}))
    assert host.delete(ID) is True
    assert host.delete(ID) is False
    assert fields(cloud.seen[0])["invalidate"] == "1"
    assert fields(cloud.seen[0])["public_id"] == ID


def test_a_deletion_with_another_result_can_be_tried_again(cloud, host):
    cloud.answers(reply(200, {"result": "pending"}))
    with pytest.raises(Retryable):
        host.delete(ID)


def test_the_check_is_one_ping(cloud, host):
    cloud.answers(reply(200, {"status": "ok"}))
    host.check()
    assert [(seen.method, seen.path) for seen in cloud.seen] == [("GET", "/v1_1/demo/ping")]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_check_names_the_setting_that_is_refused(cloud, host, status):
    cloud.answers(reply(status, {"error": {"message": "unknown api_key"}}))
    with pytest.raises(StartupError, match=r"CLOUDINARY_URL.*unknown api_key") as caught:
        host.check()
    assert "CLOUDINARY_URL" in caught.value.en


@pytest.mark.parametrize("status", [423, 500, 504])
def test_the_check_can_be_tried_again_after_trouble(cloud, host, status):
    cloud.answers(reply(status, {"error": {"message": "oops"}}))
    with pytest.raises(Retryable):
        host.check()


def test_the_quota_of_checks_does_not_stop_uploads(cloud, host):
    cloud.answers(reply(420, {"error": {"message": "Rate Limit Exceeded"}}))
    host.check()


# ── the setting, and addresses ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://key:secret@cloud",
        "cloudinary://cloud",
        "cloudinary://key@cloud",
        "cloudinary://key:secret@",
        "cloudinary://:secret@cloud",
        "cloudinary://<key>:<secret>@<cloud>",
        "cloudinary://key:secret@[cloud",
        "cloudinary://key:secret@cloud?upload_prefix=ftp://x",
        "cloudinary://key:secret@cloud?signature_algorithm=md5",
    ],
)
def test_a_setting_of_another_shape_is_refused_without_showing_the_secret(url):
    with pytest.raises(StartupError, match="CLOUDINARY_URL") as caught:
        CloudinaryHost(url)
    assert "secret@" not in caught.value.text.replace("key:secret@cloud", "")


def test_the_setting_is_read_whole():
    account = Account.parse("cloudinary://k:s%2Fx@My-Cloud?upload_prefix=https://api-eu.cloudinary.com/&secure=true")
    assert (account.cloud, account.key, account.secret) == ("My-Cloud", "k", "s/x")
    assert account.upload_prefix == "https://api-eu.cloudinary.com"
    assert "s/x" not in repr(account)


@pytest.mark.parametrize(
    ("url", "public_id"),
    [
        ("https://res.cloudinary.com/demo/image/upload/v1/catalogo/12/34-1.jpg", "catalogo/12/34-1"),
        ("http://res.cloudinary.com/demo/image/upload/v1764000000/x.png?_a=1#y", "x"),
        ("https://res.cloudinary.com/demo/image/upload/v1/ca%C3%B1o%20pvc.webp", "caño pvc"),
        ("https://res.cloudinary.com/demo/image/upload/v1/tornillo-3.5", "tornillo-3.5"),
        ("https://res.cloudinary.com/demo/image/upload/v1/tornillo-3.5.jpg", "tornillo-3.5"),
        ("https://res.cloudinary.com/demo/image/upload/v1/v2/x.jpg", "v2/x"),
        ("https://demo-res.cloudinary.com/image/upload/v1/x.jpg", "x"),
        ("https://fotos.tienda.test/image/upload/v1/x.jpg", "x"),
        ("http://127.0.0.1:18911/demo/image/upload/v1/x.jpg", "x"),
        ("https://res.cloudinary.com/other/image/upload/v1/x.jpg", None),
        ("https://res.cloudinary.com/demo/image/upload/x.jpg", None),
        ("https://res.cloudinary.com/demo/image/upload/w_100/v1/x.jpg", None),
        ("https://res.cloudinary.com/demo/video/upload/v1/x.mp4", None),
        ("https://res.cloudinary.com.evil.test/demo/image/upload/v1/x.jpg", None),
        ("https://evil.test/demo/image/upload/v1/x.jpg", None),
        ("https://demo@evil.test/image/upload/v1/x.jpg", None),
        ("ftp://res.cloudinary.com/demo/image/upload/v1/x.jpg", None),
        ("https://[bad/demo/image/upload/v1/x.jpg", None),
        ("/demo/image/upload/v1/x.jpg", None),
        ("", None),
    ],
)
def test_only_pictures_of_our_cloud_are_ours(url, public_id):
    host = CloudinaryHost("cloudinary://k:s@demo/fotos.tienda.test?upload_prefix=http://127.0.0.1:18911")
    assert host.owns(url) == public_id


def test_a_cloud_without_a_host_of_its_own_owns_no_bare_path():
    assert CloudinaryHost("cloudinary://k:s@demo").owns("/image/upload/v1/x.jpg") is None
    assert CloudinaryHost("cloudinary://k:s@demo").owns("http:///image/upload/v1/x.jpg") is None
