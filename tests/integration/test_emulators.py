"""The real SDKs meet the emulators: what the wire says is what the services are known to say."""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import io
import json
import os
import re
import signal
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import httpx2
import numpy as np
import pytest
import urllib3
from google import genai
from google.genai import errors, types
from PIL import Image, ImageChops, ImageDraw

from tests.emulators import faults
from tests.emulators.faults import Fault
from tests.emulators.fixtures import Emulators, in_own_process, in_this_process
from tests.emulators.gemini import API_KEY

MODEL = "gemini-nano-banana-2.1"


@pytest.fixture(scope="module")
def running() -> Iterator[Emulators]:
    with in_this_process() as emulators:
        yield emulators


@pytest.fixture
def emulators(running: Emulators) -> Emulators:
    running.reset()
    return running


@pytest.fixture(scope="module")
def client(running: Emulators) -> Iterator[genai.Client]:
    made = _client(running)
    yield made
    made.close()


def _client(emulators: Emulators, key: str = API_KEY, timeout: int = 30_000, version: str = "v1beta") -> genai.Client:
    options = types.HttpOptions(base_url=emulators.gemini_url, api_version=version, timeout=timeout)
    return genai.Client(api_key=key, http_options=options)


def _photo(size: tuple[int, int] = (400, 300), kind: str = "JPEG", **saved: Any) -> bytes:
    """A dark tool on a wall of one colour."""
    image = Image.new("RGB", size, (180, 200, 170))
    ImageDraw.Draw(image).rectangle((size[0] // 4, size[1] // 3, size[0] // 2, size[1] // 2), fill=(40, 30, 90))
    out = io.BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


CONFIG = types.GenerateContentConfig(
    response_modalities=["IMAGE"],
    image_config=types.ImageConfig(aspect_ratio="1:1"),
    automatic_continuation=False,
    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
)


def _generate(client: genai.Client, prompt: str = "Edit", photo: bytes | None = None, model: str = MODEL) -> Any:
    part = types.Part.from_bytes(data=photo or _photo(), mime_type="image/jpeg")
    return client.models.generate_content(model=model, contents=[part, prompt], config=CONFIG)


# ── Gemini: a good answer ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_photo_comes_back_as_a_square_picture_on_white(emulators: Emulators, client: genai.Client) -> None:
    response = _generate(client)
    picture = _opened(response.parts[0].inline_data.data)
    assert picture.size == (1024, 1024)
    assert picture.getpixel((3, 3)) == (255, 255, 255)
    assert picture.getpixel((512, 512)) != (255, 255, 255)
    usage = response.usage_metadata
    assert usage.candidates_token_count == usage.candidates_tokens_details[0].token_count == 1120
    assert {d.modality.value: d.token_count for d in usage.prompt_tokens_details} == {"TEXT": 1, "IMAGE": 258}
    assert usage.total_token_count == 1120 + 259 + usage.thoughts_token_count


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_api_versions_answer(emulators: Emulators, version: str) -> None:
    with _client(emulators, version=version) as client:
        assert _generate(client).parts[0].inline_data.mime_type == "image/png"
    assert emulators.gemini.requests("generate")[0]["path"].startswith(f"/{version}/models/")


def test_the_ledger_names_what_was_bought(emulators: Emulators, client: genai.Client) -> None:
    photo = _photo()
    _generate(client, "Pinza de punta", photo)
    [bill] = emulators.gemini.ledger()
    assert bill["model"] == MODEL
    assert bill["prompt_sha256"] == hashlib.sha256(b"Pinza de punta").hexdigest()
    assert bill["image_sha256"] == hashlib.sha256(photo).hexdigest()
    assert bill["output_tokens"] == 1120
    assert 0.033 < float(bill["cost_usd"]) < 0.037


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-3.1-flash-lite-image"])
def test_models_bill_their_own_tokens(emulators: Emulators, client: genai.Client, model: str) -> None:
    tokens = {"gemini-2.5-flash-image": 1290, "gemini-3.1-flash-lite-image": 1120}[model]
    assert _generate(client, model=model).usage_metadata.candidates_token_count == tokens
    assert emulators.gemini.ledger()[0]["output_tokens"] == tokens


def test_minimal_thinking_is_not_billed(emulators: Emulators, client: genai.Client) -> None:
    config = CONFIG.model_copy(update={"thinking_config": types.ThinkingConfig(thinking_level="MINIMAL")})
    response = client.models.generate_content(model=MODEL, contents="Una llave", config=config)
    assert response.usage_metadata.thoughts_token_count == 0
    assert emulators.gemini.requests("generate")[0]["json"]["generationConfig"]["thinkingConfig"]


def test_flex_costs_half(emulators: Emulators, client: genai.Client) -> None:
    _generate(client)
    config = CONFIG.model_copy(update={"service_tier": "flex"})
    part = types.Part.from_bytes(data=_photo(), mime_type="image/jpeg")
    client.models.generate_content(model=MODEL, contents=[part, "Edit"], config=config)
    standard, flex = emulators.gemini.ledger()
    assert float(flex["cost_usd"]) == pytest.approx(float(standard["cost_usd"]) / 2)


@pytest.mark.parametrize(
    "spelling", [("inlineData", "mimeType"), ("inline_data", "mime_type"), ("inlineData", "mime_type")]
)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_both_spellings_and_both_base64_alphabets_are_read(
    emulators: Emulators, spelling: tuple[str, str], encode: Any
) -> None:
    photo = _photo()
    assert encode(b"\xfb\xff") in (b"+/8=", b"-_8=")
    part = {spelling[0]: {spelling[1]: "image/jpeg", "data": encode(photo).decode()}}
    url = f"{emulators.gemini_url}/v1beta/models/{MODEL}:generateContent?key={API_KEY}"
    answer = urllib3.request("POST", url, json={"contents": [{"parts": [part, {"text": "Edit"}]}]})
    assert answer.status == 200
    assert emulators.gemini.ledger()[0]["image_sha256"] == hashlib.sha256(photo).hexdigest()


def test_an_edit_without_a_ratio_keeps_its_sources(emulators: Emulators, client: genai.Client) -> None:
    part = types.Part.from_bytes(data=_photo((600, 300)), mime_type="image/jpeg")
    config = CONFIG.model_copy(update={"image_config": None})
    response = client.models.generate_content(model=MODEL, contents=[part, "Edit"], config=config)
    width, height = _opened(response.parts[0].inline_data.data).size
    assert width / height == pytest.approx(2, rel=0.02)


DEMO = Path(__file__).parents[2] / "demo" / "fotos"


def _drawn_for(client: genai.Client, article: str, code: str = "SEG-007") -> Image.Image:
    response = _generate(client, f"Fotografía de catálogo de «{article}»", (DEMO / f"{code}.jpg").read_bytes())
    return _opened(response.parts[0].inline_data.data).convert("RGB")


def test_a_faithful_redraw_shows_the_same_product_in_another_light(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(image="redraw")
    picture = _drawn_for(client, "Candado de latón 40 mm")
    assert picture.size == (1024, 1024)
    assert min(picture.getpixel((x, y))[0] for x in (2, 1021) for y in (2, 1021)) == 255
    red, _, blue = (np.asarray(picture, float).mean((0, 1))).tolist()
    assert red - blue > 10  # brass


def test_one_article_is_broken_and_the_next_is_not(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(image="redraw")
    emulators.gemini.draw("digit_changed", article='Candado "Ñandú" 1/2"', times=0)
    faithful = _drawn_for(client, "Candado de latón 40 mm")
    broken = _drawn_for(client, 'Candado "Ñandú" 1/2"')
    assert ImageChops.difference(faithful, broken).getbbox()
    assert _drawn_for(client, "Candado de latón 40 mm").tobytes() == faithful.tobytes()
    assert _drawn_for(client, 'Candado "Ñandú" 1/2"').tobytes() == broken.tobytes()


def test_the_next_two_pictures_are_broken_and_no_more(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(image="redraw")
    emulators.gemini.draw("mirrored", times=2)
    first, second, third = (_drawn_for(client, "Candado").tobytes() for _ in range(3))
    assert first == second != third


def test_the_raw_body_can_be_asked_for(emulators: Emulators, client: genai.Client) -> None:
    config = CONFIG.model_copy(update={"should_return_http_response": True})
    response = client.models.generate_content(model=MODEL, contents="Una llave", config=config)
    assert json.loads(response.sdk_http_response.body)["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("kind", ["identical", "blank", "grey_background", "padded"])
def test_a_fault_chooses_the_kind_of_picture(emulators: Emulators, client: genai.Client, kind: str) -> None:
    emulators.gemini.add_faults(faults.drawn_as(kind))
    photo = _photo((300, 300), "JPEG")
    picture = _opened(_generate(client, photo=photo).parts[0].inline_data.data)
    corner = picture.convert("RGB").getpixel((2, 2))
    if kind == "identical":
        assert picture.tobytes() == _opened(photo).tobytes()
    elif kind == "grey_background":
        assert max(corner) < 200
    else:
        assert corner == (255, 255, 255)
        assert (picture.getcolors() is not None and len(picture.getcolors()) == 1) == (kind == "blank")


def test_twenty_threads_buy_twenty_pictures(emulators: Emulators, client: genai.Client) -> None:
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: _generate(client, f"Artículo {n}"), range(20)))
    assert sorted(bill["prompt"] for bill in emulators.gemini.ledger()) == sorted(f"Artículo {n}" for n in range(20))


# ── Gemini: refusals ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_key_is_a_400_with_its_reason(emulators: Emulators) -> None:
    with _client(emulators, key="another") as client, pytest.raises(errors.ClientError) as caught:
        _generate(client)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    assert caught.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert emulators.gemini.ledger() == []


def test_an_unknown_model_is_a_404_that_says_so(emulators: Emulators, client: genai.Client) -> None:
    for call in (lambda: _generate(client, model="gemini-1"), lambda: client.models.get(model="gemini-1")):
        with pytest.raises(errors.ClientError) as caught:
            call()
        assert caught.value.code == 404
        assert "models/gemini-1 is not found for API version v1beta" in caught.value.message


def test_a_withdrawn_model_is_gone_everywhere(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(models=["gemini-3-pro-image"])
    assert [model.name for model in client.models.list()] == ["models/gemini-3-pro-image"]
    with pytest.raises(errors.ClientError, match="404"):
        _generate(client)
    assert client.models.get(model="gemini-3-pro-image").input_token_limit == 65536


def test_a_deadline_under_ten_seconds_is_refused(emulators: Emulators) -> None:
    with _client(emulators, timeout=8_000) as client, pytest.raises(errors.ClientError) as caught:
        _generate(client)
    assert caught.value.message == "Manually set deadline 8s is too short. Minimum allowed deadline is 10s."


def test_unknown_fields_are_refused_by_name(emulators: Emulators, client: genai.Client) -> None:
    options = types.HttpOptions(extra_body={"generationConfig": {"pictureConfig": {}}})
    with pytest.raises(errors.ClientError, match='Unknown name "pictureConfig"'):
        client.models.generate_content(
            model=MODEL, contents="x", config=CONFIG.model_copy(update={"http_options": options})
        )


@pytest.mark.parametrize(
    ("data", "media_type"), [(b"GIF89a", "image/gif"), (b"<html>", "image/jpeg"), (_photo()[:300], "image/jpeg")]
)
def test_what_is_no_picture_is_refused_and_free(
    emulators: Emulators, client: genai.Client, data: bytes, media_type: str
) -> None:
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(
            model=MODEL, contents=[types.Part.from_bytes(data=data, mime_type=media_type)], config=CONFIG
        )
    assert caught.value.code == 400
    assert emulators.gemini.ledger() == []


# ── Gemini: answers without a picture ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK"])
def test_a_blocked_prompt_has_a_reason_and_no_bill(emulators: Emulators, client: genai.Client, reason: str) -> None:
    emulators.gemini.add_faults(faults.shaped(f"blocked:{reason}"))
    response = _generate(client)
    assert response.prompt_feedback.block_reason.value == reason
    assert response.candidates is None
    assert emulators.gemini.ledger() == []


@pytest.mark.parametrize(
    "reason",
    [
        *(
            "IMAGE_SAFETY",
            "PROHIBITED_CONTENT",
            "IMAGE_PROHIBITED_CONTENT",
            "SAFETY",
            "SPII",
            "BLOCKLIST",
            "RECITATION",
        ),
        *("IMAGE_RECITATION", "LANGUAGE", "NO_IMAGE", "IMAGE_OTHER", "MAX_TOKENS", "OTHER"),
    ],
)
def test_a_refused_picture_has_a_finish_reason(emulators: Emulators, client: genai.Client, reason: str) -> None:
    emulators.gemini.add_faults(faults.shaped(f"finish:{reason}"))
    response = _generate(client)
    assert response.candidates[0].finish_reason.value == reason
    assert response.parts is None
    assert emulators.gemini.ledger() == []


@pytest.mark.parametrize("reason", ["PUP_LIMITED_DISABLED", "MALFORMED_RESPONSE", "BRAND_NEW"])
def test_a_reason_may_be_one_the_sdk_does_not_know(emulators: Emulators, client: genai.Client, reason: str) -> None:
    emulators.gemini.add_faults(faults.shaped(f"finish:{reason}"))
    with warnings.catch_warnings(action="ignore"):
        assert _generate(client).candidates[0].finish_reason.value == reason


def test_a_finish_message_is_only_in_the_raw_body(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("finish:IMAGE_OTHER", times=2))
    config = CONFIG.model_copy(update={"should_return_http_response": True})
    raw = client.models.generate_content(model=MODEL, contents="x", config=config).sdk_http_response.body
    assert "You will not be charged" in json.loads(raw)["candidates"][0]["finishMessage"]
    assert _generate(client).candidates[0].finish_message is None


@pytest.mark.parametrize(
    "shape",
    [
        "no_candidates",
        "empty_candidates",
        "no_content",
        "content_null",
        "content_empty",
        "content_role_only",
        "parts_null",
        "empty",
    ],
)
def test_a_hollow_answer_has_no_parts(emulators: Emulators, client: genai.Client, shape: str) -> None:
    emulators.gemini.add_faults(faults.shaped(shape))
    assert _generate(client).parts is None


def test_text_alone_is_billed_as_text(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("text_only"))
    response = _generate(client)
    assert [part.text for part in response.parts] == ["Here is your image: "]
    [bill] = emulators.gemini.ledger()
    assert 0 < bill["output_tokens"] < 20


def test_a_thought_image_comes_before_the_real_one(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("thought_image"))
    pictures = [part for part in _generate(client).parts if part.inline_data]
    assert [bool(part.thought) for part in pictures] == [True, False]
    assert _opened(pictures[0].inline_data.data).size == (64, 64)


def test_pictures_may_be_jpeg_mislabelled_broken_or_huge(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(
        *[faults.shaped(shape) for shape in ("jpeg", "mislabelled", "broken_image", "not_an_image", "huge")]
    )
    jpeg, mislabelled, broken, text, huge = [_generate(client).parts[0].inline_data for _ in range(5)]
    assert (jpeg.mime_type, jpeg.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert (mislabelled.mime_type, mislabelled.data[:2]) == ("image/png", b"\xff\xd8")
    with pytest.raises(OSError, match="truncated"):
        _opened(broken.data).load()
    assert text.data.startswith(b"<svg")
    assert len(huge.data) < 100_000
    assert int.from_bytes(huge.data[16:20]) * int.from_bytes(huge.data[20:24]) == 81_000_000
    assert len(emulators.gemini.ledger()) == 5


def test_corrupt_base64_is_billed_and_unreadable(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("corrupt_base64"))
    with pytest.raises(ValueError, match="base64"):
        _generate(client)
    assert len(emulators.gemini.ledger()) == 1


def test_an_html_page_is_not_json_and_may_have_been_billed(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("html"), faults.shaped("html", billed=False))
    for _ in range(2):
        with pytest.raises(json.JSONDecodeError):
            _generate(client)
    assert len(emulators.gemini.ledger()) == 1


def test_continuation_is_followed_unless_switched_off(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.shaped("continuation"))
    assert _generate(client).candidates[0].finish_reason.value == "CONTINUATION"
    assert emulators.gemini.count("generate") == 1


# ── Gemini: errors and broken connections ───────────────────────────────────────────────────────────────────────────


def test_429_tells_how_long_to_wait(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(
        faults.rate_limited("38.5s"), faults.daily_quota(), faults.spending_cap(), faults.no_free_tier()
    )
    told = []
    for _ in range(4):
        with pytest.raises(errors.ClientError) as caught:
            _generate(client)
        assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")
        told.append(caught.value)
    minute, day, cap, free = told
    assert minute.details["error"]["details"][-1]["retryDelay"] == "38.5s"
    assert "PerDay" in day.details["error"]["details"][0]["violations"][0]["quotaId"]
    assert "monthly spending cap" in cap.message
    assert "limit: 0" in free.message
    assert emulators.gemini.ledger() == []


def test_errors_keep_their_shape(emulators: Emulators, client: genai.Client) -> None:
    listed = Fault(
        route="generate", kind="status", status=503, body=[{"error": {"message": "a"}}, {"error": {"message": "b"}}]
    )
    emulators.gemini.add_faults(faults.overloaded(), faults.html_error(502), listed, Fault(kind="status", status=204))
    with pytest.raises(errors.ServerError, match="overloaded"):
        _generate(client)
    with pytest.raises(errors.ServerError) as page:
        _generate(client)
    assert page.value.details["message"].startswith("<html>")
    with pytest.raises(errors.ServerError) as two:
        _generate(client)
    assert isinstance(two.value.details, list)
    with pytest.raises(errors.APIError) as nothing:
        _generate(client)
    assert nothing.value.code == 204


def test_a_dropped_connection_was_not_billed(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.dropped())
    with pytest.raises(httpx2.RemoteProtocolError, match="disconnected without sending a response"):
        _generate(client)
    assert emulators.gemini.ledger() == []
    assert emulators.gemini.count("generate") == 1


@pytest.mark.parametrize("reset", [False, True])
def test_a_billed_answer_whose_connection_is_cut_is_in_the_ledger(
    emulators: Emulators, client: genai.Client, reset: bool
) -> None:
    emulators.gemini.add_faults(faults.billed_but_cut(reset=reset))
    with pytest.raises(httpx2.ReadError if reset else httpx2.RemoteProtocolError):
        _generate(client)
    assert len(emulators.gemini.ledger()) == 1
    assert emulators.gemini.requests("generate")[0]["status"] is None
    assert _generate(client).parts


def test_an_answer_cut_in_the_middle_is_billed(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.cut_mid_body())
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        _generate(client)
    assert len(emulators.gemini.ledger()) == 1


def test_a_held_answer_is_billed_and_comes_when_released(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.held())
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_generate, client)
        emulators.gemini.wait(held=1, ledger=1)
        assert not answer.done()
        emulators.gemini.release()
        assert answer.result(10).parts


def test_a_call_held_before_the_work_costs_nothing_yet(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.held("before"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_generate, client)
        emulators.gemini.wait(held=1)
        assert emulators.gemini.ledger() == []
        emulators.gemini.clear_faults()
        assert answer.result(10).parts


def test_waiting_for_what_does_not_come_ends(emulators: Emulators) -> None:
    with pytest.raises(TimeoutError):
        emulators.gemini.wait(ledger=1, timeout=0.05)


def test_a_slow_answer_outlasts_the_sdks_patience(emulators: Emulators, running: Emulators) -> None:
    """The deadline sent is 10 s and the one kept is shorter, so that the test is quick."""
    emulators.gemini.add_faults(faults.held())
    options = types.HttpOptions(timeout=300, headers={"x-server-timeout": "10"})
    with _client(running) as client, pytest.raises(httpx2.ReadTimeout):
        client.models.generate_content(
            model=MODEL, contents="x", config=CONFIG.model_copy(update={"http_options": options})
        )
    emulators.gemini.wait(ledger=1)


def test_a_trickle_passes_a_timeout_meant_for_each_read(emulators: Emulators) -> None:
    emulators.gemini.add_faults(Fault(route="generate", kind="trickle", shape="text_only", chunks=4, pause=0.4))
    options = types.HttpOptions(timeout=1000, headers={"x-server-timeout": "10"})
    started = time.monotonic()
    with _client(emulators) as client:
        assert client.models.generate_content(
            model=MODEL, contents="x", config=CONFIG.model_copy(update={"http_options": options})
        ).parts
    assert time.monotonic() - started > 1.2


def test_the_nth_call_and_the_call_about_a_thing_can_be_chosen(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.add_faults(faults.overloaded(nth=2), faults.shaped("text_only", contains="Martillo", times=0))
    outcomes = []
    for prompt in ("uno", "dos", "tres", "Martillo", "Martillo"):
        try:
            outcomes.append("picture" if _generate(client, prompt).parts[0].inline_data else "text")
        except errors.ServerError:
            outcomes.append("503")
    assert outcomes == ["picture", "503", "picture", "text", "text"]


def test_a_misspelt_fault_is_refused(emulators: Emulators) -> None:
    answer = urllib3.request("POST", f"{emulators.gemini_url}/__faults", json=[{"rout": "generate"}])
    assert (answer.status, answer.json()) == (400, {"error": "unknown fields ['rout']"})


# ── Gemini: files and batches ───────────────────────────────────────────────────────────────────────────────────────


def _jsonl(*prompts: str) -> bytes:
    photo = base64.b64encode(_photo()).decode()
    lines = [
        {
            "key": prompt,
            "request": {
                "contents": [{"parts": [{"inline_data": {"mime_type": "image/jpeg", "data": photo}}, {"text": prompt}]}]
            },
        }
        for prompt in prompts
    ]
    return "\n".join(json.dumps(line) for line in lines).encode()


def test_a_file_goes_up_is_listed_and_goes_away(emulators: Emulators, client: genai.Client) -> None:
    data = os.urandom(9 * 1024 * 1024)
    file = client.files.upload(file=io.BytesIO(data), config={"mime_type": "text/plain", "display_name": "lote 1"})
    assert (file.size_bytes, file.display_name, file.state.value) == (len(data), "lote 1", "ACTIVE")
    chunks = emulators.gemini.requests("file_upload")[1:]
    assert [chunk["headers"]["x-goog-upload-command"] for chunk in chunks] == ["upload", "upload, finalize"]
    assert client.files.get(name=file.name).mime_type == "text/plain"
    assert [listed.name for listed in client.files.list()] == [file.name]
    with pytest.raises(errors.ClientError, match="not downloadable"):
        client.files.download(file=file.name)
    client.files.delete(name=file.name)
    with pytest.raises(errors.ClientError, match="may not exist"):
        client.files.get(name=file.name)


def test_an_uploaded_photo_can_be_edited_by_its_address(emulators: Emulators, client: genai.Client) -> None:
    photo = _photo()
    file = client.files.upload(file=io.BytesIO(photo), config={"mime_type": "image/jpeg"})
    assert client.models.generate_content(model=MODEL, contents=[file, "Edit"], config=CONFIG).parts
    assert emulators.gemini.ledger()[0]["image_sha256"] == hashlib.sha256(photo).hexdigest()


def test_a_batch_by_file_ends_in_a_file_at_half_price(emulators: Emulators, client: genai.Client) -> None:
    source = client.files.upload(file=io.BytesIO(_jsonl("uno", "dos", "tres")), config={"mime_type": "jsonl"})
    emulators.gemini.add_faults(Fault(route="batch_item", contains="dos", shape="finish:IMAGE_SAFETY"))
    batch = client.batches.create(model=MODEL, src=source.name, config={"display_name": "run-1"})
    assert batch.state.value == "JOB_STATE_PENDING"
    assert client.batches.get(name=batch.name).state.value == "JOB_STATE_RUNNING"
    assert emulators.gemini.ledger() == []
    done = client.batches.get(name=batch.name)
    assert done.state.value == "JOB_STATE_SUCCEEDED"
    lines = [json.loads(line) for line in client.files.download(file=done.dest.file_name).splitlines()]
    parsed = {line["key"]: types.GenerateContentResponse.model_validate(line["response"]) for line in lines}
    assert list(parsed) == ["uno", "dos", "tres"]
    assert _opened(parsed["uno"].parts[0].inline_data.data).size == (1184, 888)
    assert parsed["dos"].parts is None
    bills = emulators.gemini.ledger()
    assert [(bill["prompt"], bill["batch"]) for bill in bills] == [("uno", batch.name), ("tres", batch.name)]
    assert float(bills[0]["cost_usd"]) < 0.02
    assert [listed.display_name for listed in client.batches.list(config={"page_size": 10})] == ["run-1"]


def test_a_batch_inline_gives_each_answer_with_its_metadata(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(batch_polls=0)
    good = {
        "contents": [{"parts": [{"text": "Una llave"}], "role": "user"}],
        "metadata": {"key": "job-1"},
        "config": CONFIG,
    }
    bad = {"contents": [types.Part.from_bytes(data=b"no", mime_type="image/jpeg")], "metadata": {"key": "job-2"}}
    batch = client.batches.create(model=MODEL, src=[good, bad])
    done = client.batches.get(name=batch.name)
    first, second = done.dest.inlined_responses
    assert first.metadata == {"key": "job-1"}
    assert first.response.parts[0].inline_data
    assert second.metadata == {"key": "job-2"}
    assert second.error.code == 3
    assert len(emulators.gemini.ledger()) == 1


def test_a_batch_can_be_cancelled_expire_or_be_deleted(emulators: Emulators, client: genai.Client) -> None:
    emulators.gemini.set(batch_hold=True)
    source = client.files.upload(file=io.BytesIO(_jsonl("uno")), config={"mime_type": "jsonl"})
    first, second = (client.batches.create(model=MODEL, src=source.name) for _ in range(2))
    client.batches.cancel(name=first.name)
    assert client.batches.get(name=first.name).state.value == "JOB_STATE_CANCELLED"
    emulators.gemini.force_batch(second.name, "BATCH_STATE_EXPIRED")
    assert client.batches.get(name=second.name).state.value == "JOB_STATE_EXPIRED"
    client.batches.delete(name=first.name)
    with pytest.raises(errors.ClientError, match="404"):
        client.batches.get(name=first.name)
    assert emulators.gemini.ledger() == []


def test_a_batch_whose_creation_was_cut_is_found_by_its_name(emulators: Emulators, client: genai.Client) -> None:
    source = client.files.upload(file=io.BytesIO(_jsonl("uno")), config={"mime_type": "jsonl"})
    emulators.gemini.add_faults(faults.billed_but_cut(route="batch_create"))
    with pytest.raises(httpx2.RemoteProtocolError):
        client.batches.create(model=MODEL, src=source.name, config={"display_name": "lote-7"})
    assert [batch.display_name for batch in client.batches.list()] == ["lote-7"]


# ── Cloudinary ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _account(emulators: Emulators, **other: Any) -> dict[str, Any]:
    account = {"cloud_name": "demo", "api_key": "key1", "api_secret": "s3cr3t", "timeout": 20}
    return {**account, "upload_prefix": emulators.cloudinary.base_url, **other}


def _upload(emulators: Emulators, data: bytes | None = None, public_id: str = "catalogo/7/12-1", **options: Any) -> Any:
    return cloudinary.uploader.upload(
        data or _photo(), filename="p.jpg", public_id=public_id, **_account(emulators), **options
    )


def _seen(emulators: Emulators, url: str) -> bytes | None:
    answer = emulators.cloudinary.get(url)
    return answer.data if answer.status == 200 else None


def test_an_upload_is_served_byte_for_byte_where_it_says(emulators: Emulators) -> None:
    exif = Image.Exif()
    exif[0x010E] = "IPTC digital source type: edited"
    data = _photo(exif=exif)
    asset = _upload(emulators, data, tags=["a", "b"], context={"job": "42", "nombre": "Martillo | mango=a&b"})
    assert asset["etag"] == hashlib.md5(data).hexdigest()
    assert (asset["bytes"], asset["width"], asset["height"], asset["format"]) == (len(data), 400, 300, "jpg")
    assert (
        asset["secure_url"]
        == f"{emulators.cloudinary.base_url}/demo/image/upload/v{asset['version']}/catalogo/7/12-1.jpg"
    )
    assert asset["context"] == {"custom": {"job": "42", "nombre": "Martillo | mango=a&b"}}
    assert asset["tags"] == ["a", "b"]
    assert _seen(emulators, asset["secure_url"]) == data
    assert _seen(emulators, "/res/demo/image/upload/v1/catalogo/7/12-1.jpg") == data
    signed = {"public_id": asset["public_id"], "version": asset["version"]}
    assert asset["signature"] == cloudinary.utils.api_sign_request(signed, "s3cr3t", signature_version=1)


def test_a_url_with_another_extension_gives_that_format(emulators: Emulators) -> None:
    asset = _upload(emulators)
    data = _seen(emulators, asset["secure_url"].replace(".jpg", ".webp"))
    assert data is not None
    assert _opened(data).format == "WEBP"


def test_a_transformed_picture_has_no_metadata_unless_the_url_keeps_it(emulators: Emulators) -> None:
    exif = Image.Exif()
    exif[0x010E] = "edited"
    _upload(emulators, _photo(exif=exif))
    plain = _seen(emulators, "/demo/image/upload/w_300,c_pad/f_auto/catalogo/7/12-1")
    kept = _seen(emulators, "/demo/image/upload/w_300,c_pad,fl_keep_iptc/v1/catalogo/7/12-1.jpg")
    assert plain is not None and kept is not None
    assert not _opened(plain).getexif()
    assert _opened(kept).getexif()[0x010E] == "edited"


def test_without_overwrite_the_asset_that_is_there_stays(emulators: Emulators) -> None:
    first = _upload(emulators, overwrite=False)
    again = _upload(emulators, _photo((500, 500)), overwrite=False)
    assert "existing" not in first
    assert again["existing"] is True
    assert (again["etag"], again["version"], again["asset_id"]) == (first["etag"], first["version"], first["asset_id"])


def test_versions_grow_within_one_second_and_over_a_deletion(emulators: Emulators) -> None:
    versions = [_upload(emulators)["version"] for _ in range(3)]
    cloudinary.uploader.destroy("catalogo/7/12-1", **_account(emulators))
    versions.append(_upload(emulators)["version"])
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [1, 2])
def test_every_way_of_signing_is_understood(emulators: Emulators, algorithm: str, version: int) -> None:
    options = {"signature_algorithm": algorithm, "signature_version": version, "context": {"a": "b&c"}}
    assert _upload(emulators, **options)["public_id"] == "catalogo/7/12-1"


def test_a_wrong_secret_key_or_cloud_is_a_401(emulators: Emulators) -> None:
    for wrong, words in (
        ({"api_secret": "no"}, "Invalid Signature"),
        ({"api_key": "no"}, "Invalid api_key no"),
        ({"cloud_name": "no"}, "Invalid cloud_name no"),
    ):
        with pytest.raises(cloudinary.exceptions.AuthorizationRequired, match=words):
            cloudinary.uploader.upload(_photo(), **_account(emulators, **wrong))
    with pytest.raises(cloudinary.exceptions.AuthorizationRequired):
        cloudinary.api.ping(**_account(emulators, api_secret="no"))
    assert emulators.cloudinary.assets() == []


def test_an_account_that_signs_with_one_algorithm_refuses_the_other(emulators: Emulators) -> None:
    emulators.cloudinary.set(algorithms=["sha256"])
    with pytest.raises(cloudinary.exceptions.AuthorizationRequired):
        _upload(emulators)
    assert _upload(emulators, signature_algorithm="sha256")


def test_a_signature_older_than_an_hour_is_stale(emulators: Emulators) -> None:
    params = {"public_id": "x", "timestamp": int(time.time()) - 3700}
    signature = cloudinary.utils.api_sign_request(params, "s3cr3t")
    fields = {**params, "api_key": "key1", "signature": signature, "file": ("p.jpg", _photo())}
    answer = urllib3.request("POST", f"{emulators.cloudinary.base_url}/v1_1/demo/image/upload", fields=fields)
    assert answer.status == 400
    assert "Stale request" in answer.json()["error"]["message"]


def test_what_is_too_big_or_no_picture_is_a_400(emulators: Emulators) -> None:
    out = io.BytesIO()
    Image.new("1", (5100, 5000)).save(out, "PNG")
    for data, words in (
        (_photo() + bytes(10_485_760), "File size too large"),
        (out.getvalue(), "25 Megapixels"),
        (b"<html>", "Invalid image"),
    ):
        with pytest.raises(cloudinary.exceptions.BadRequest, match=words):
            _upload(emulators, data)
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Missing required parameter - file"):
        cloudinary.uploader.upload(b"", public_id="x", **_account(emulators))
    assert emulators.cloudinary.assets() == []


def test_destroy_says_the_same_status_for_there_and_gone(emulators: Emulators) -> None:
    _upload(emulators)
    results = [cloudinary.uploader.destroy("catalogo/7/12-1", **_account(emulators))["result"] for _ in range(2)]
    assert results == ["ok", "not found"]


def test_rename_moves_refuses_and_misses(emulators: Emulators) -> None:
    account = _account(emulators)
    _upload(emulators, public_id="a")
    _upload(emulators, public_id="b")
    with pytest.raises(cloudinary.exceptions.BadRequest, match="already exists"):
        cloudinary.uploader.rename("a", "b", **account)
    with pytest.raises(cloudinary.exceptions.NotFound):
        cloudinary.uploader.rename("c", "d", **account)
    assert cloudinary.uploader.rename("a", "c", **account)["public_id"] == "c"
    assert sorted(asset["public_id"] for asset in emulators.cloudinary.assets()) == ["b", "c"]


@pytest.mark.parametrize("cause", ["destroy", "overwrite", "delete_resources", "rename"])
def test_the_cdn_serves_the_old_picture_until_invalidated(emulators: Emulators, cause: str) -> None:
    account, old, new = _account(emulators), _photo(), _photo((333, 333))
    url = _upload(emulators, old)["secure_url"]
    assert _seen(emulators, url) == old

    def change(**options: Any) -> None:
        if cause == "destroy":
            cloudinary.uploader.destroy("catalogo/7/12-1", **account, **options)
        elif cause == "overwrite":
            _upload(emulators, new, overwrite=True, **options)
        elif cause == "delete_resources":
            cloudinary.api.delete_resources(["catalogo/7/12-1"], **account, **options)
        else:
            cloudinary.uploader.rename("catalogo/7/12-1", "otro", **account, **options)

    change()
    assert _seen(emulators, url) == old
    assert emulators.cloudinary.cdn()[urlsplit(url).path]["hits"] == 2
    unseen = re.sub(r"/v\d+/", "/v1/", url)
    assert _seen(emulators, unseen) == (new if cause == "overwrite" else None)
    if cause == "rename":
        emulators.cloudinary.purge_cdn("catalogo/7/12-1")
    else:
        change(invalidate=True)
    assert _seen(emulators, url) == (new if cause == "overwrite" else None)


def test_invalidation_may_not_reach_the_cdn(emulators: Emulators) -> None:
    emulators.cloudinary.set(invalidation=False)
    url = _upload(emulators)["secure_url"]
    _seen(emulators, url)
    cloudinary.uploader.destroy("catalogo/7/12-1", invalidate=True, **_account(emulators))
    assert _seen(emulators, url) is not None
    emulators.cloudinary.purge_cdn()
    assert _seen(emulators, url) is None


def test_admin_calls_tell_and_use_up_the_hours_quota(emulators: Emulators) -> None:
    account = _account(emulators)
    emulators.cloudinary.set(admin_limit=5)
    _upload(emulators, public_id="a/1")
    _upload(emulators, public_id="b/1")
    pong = cloudinary.api.ping(**account)
    assert (pong["status"], pong.rate_limit_allowed, pong.rate_limit_remaining) == ("ok", 5, 4)
    assert pong.rate_limit_reset_at is not None
    assert cloudinary.api.usage(**account)["media_limits"] == {
        "image_max_size_bytes": 10485760,
        "image_max_px": 25000000,
        "asset_max_total_px": 50000000,
    }
    assert cloudinary.api.resource("a/1", **account)["public_id"] == "a/1"
    listed = cloudinary.api.resources(type="upload", prefix="b/", max_results=5, **account)
    assert [asset["public_id"] for asset in listed["resources"]] == ["b/1"]
    assert cloudinary.api.delete_resources(["b/1", "no"], **account)["deleted"] == {"b/1": "deleted", "no": "not_found"}
    with pytest.raises(cloudinary.exceptions.RateLimited, match="Limit of 5 api operations"):
        cloudinary.api.ping(**account)
    assert cloudinary.uploader.destroy("a/1", **account)["result"] == "ok"


def test_upload_faults_reach_the_sdk_as_their_exceptions(emulators: Emulators) -> None:
    emulators.cloudinary.add_faults(
        faults.upload_rate_limited(),
        faults.html_error(502, route="upload"),
        faults.cloudinary_error(500, "General Error"),
        faults.dropped(route="upload"),
    )
    with pytest.raises(cloudinary.exceptions.RateLimited):
        _upload(emulators)
    with pytest.raises(cloudinary.exceptions.Error, match="502"):
        _upload(emulators)
    with pytest.raises(cloudinary.exceptions.GeneralError):
        _upload(emulators)
    with pytest.raises(cloudinary.exceptions.Error, match=r"RemoteDisconnected|Connection aborted"):
        _upload(emulators)
    assert emulators.cloudinary.count("upload") == 4
    assert emulators.cloudinary.assets() == []


def test_an_upload_cut_after_it_was_kept_is_found_by_the_next(emulators: Emulators) -> None:
    emulators.cloudinary.add_faults(faults.billed_but_cut(route="upload"))
    with pytest.raises(cloudinary.exceptions.Error):
        _upload(emulators, overwrite=False)
    assert _upload(emulators, overwrite=False)["existing"] is True


def test_a_broken_admin_get_is_silently_asked_four_times(emulators: Emulators) -> None:
    emulators.cloudinary.add_faults(faults.dropped(route="ping", times=0))
    with pytest.raises(cloudinary.exceptions.GeneralError):
        cloudinary.api.ping(**_account(emulators))
    assert emulators.cloudinary.count("ping") == 4


# ── photos, and a process of their own ──────────────────────────────────────────────────────────────────────────────


def test_photos_are_served_as_registered_and_may_misbehave(emulators: Emulators) -> None:
    photos = emulators.photos
    url = photos.add_photo("martillo.jpg", b"bytes", "image/jpeg")
    assert (photos.get(url).data, photos.get(url).headers["content-type"]) == (b"bytes", "image/jpeg")
    assert photos.get("/photos/none.jpg").status == 404
    photos.add_faults(faults.redirected(url), Fault(kind="status", status=500), faults.html_page())
    assert photos.get(url).headers["location"] == url
    assert photos.get(url).status == 500
    assert photos.get(url).headers["content-type"].startswith("text/html")
    photos.remove_photo("martillo.jpg")
    assert photos.get(url).status == 404


@pytest.mark.timeout(90)
def test_in_a_process_of_their_own_they_stop_when_told(running: Emulators) -> None:
    with in_own_process() as emulators:
        assert emulators.env["FETCH_ALLOW"].count(":") == 2
        with _client(emulators) as client:
            emulators.gemini.add_faults(faults.held(nth=2))
            assert _generate(client).parts
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                answer = pool.submit(_generate, client)
                emulators.gemini.wait(held=1, ledger=2)
                os.kill(emulators.pid, signal.SIGTERM)
                assert answer.result(20).parts
        assert emulators.pid != os.getpid()
