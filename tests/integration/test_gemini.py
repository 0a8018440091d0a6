"""The Gemini adapter: what it makes of every answer and every failure, and how often it pays."""

from __future__ import annotations

import base64
import json
from decimal import Decimal

import httpx2
import pytest
from google.genai.errors import APIError, ClientError, ServerError

from core.errors import Ambiguous, DayQuotaSpent, PausesQueue, Permanent, Retryable, StartupError
from core.providers import gemini_answers, gemini_errors
from core.providers.gemini import GeminiEditor
from core.providers.gemini_answers import read
from core.providers.gemini_errors import classify
from core.providers.ports import EditRequest
from tests.integration.scripted import cut, cut_in_the_middle, hang, reply, scripted_server, trickle

MODEL = "gemini-nano-banana-2.1"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
USAGE = {
    "promptTokenCount": 1000,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
PAID = Decimal("0.035100")  # 1120 · 30 + 1000 · 1.50, per million


def image_part(data: bytes = PNG, mime: str = "image/png", **more) -> dict:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}, **more}


def answer(*parts, finish="STOP", usage=USAGE, **candidate) -> bytes:
    one = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0, **candidate}
    return json.dumps({"candidates": [one], "usageMetadata": usage, "modelVersion": MODEL}).encode()


def refusal(reason: str) -> bytes:
    return json.dumps({"promptFeedback": {"blockReason": reason}, "usageMetadata": USAGE}).encode()


# ── answers with a picture ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_picture_is_read_with_its_usage_and_cost():
    edit = read(answer({"text": "Here is your image: "}, image_part()), MODEL)
    assert (edit.image, edit.media_type, edit.cost, edit.usage) == (PNG, "image/png", PAID, USAGE)
    assert edit.doubts == ()


def test_the_type_is_sniffed_and_never_the_declared_one():
    assert read(answer(image_part(JPEG, "image/png")), MODEL).media_type == "image/jpeg"


def test_the_last_picture_that_is_no_thought_is_taken():
    body = answer(image_part(JPEG), image_part(PNG), image_part(JPEG, thought=True))
    assert read(body, MODEL).image == PNG


def test_both_alphabets_of_base64_are_read_padded_or_not():
    for encoded in (base64.b64encode(PNG), base64.urlsafe_b64encode(PNG), base64.b64encode(PNG).rstrip(b"=")):
        assert read(answer({"inlineData": {"data": encoded.decode()}}), MODEL).image == PNG


@pytest.mark.parametrize("finish", ["MAX_TOKENS", "IMAGE_SAFETY", "BRAND_NEW", None])
def test_a_picture_with_an_odd_finish_is_taken_and_flagged(finish):
    edit = read(answer(image_part(), finish=finish), MODEL)
    assert (edit.image, edit.doubts) == (PNG, (gemini_answers.ODD_FINISH,))


def test_the_model_that_answered_is_the_one_that_is_charged():
    body = json.loads(answer(image_part()))
    body["modelVersion"] = "gemini-3-pro-image-001"
    assert read(json.dumps(body).encode(), MODEL).cost == Decimal("0.136400")  # 1120 · 120 + 1000 · 2


@pytest.mark.parametrize("data", ["%%%", "abcde", "", None, 7, base64.b64encode(b"<html>").decode()])
def test_a_corrupt_picture_is_worth_a_retry_and_was_paid(data):
    with pytest.raises(gemini_answers.CorruptAnswer) as caught:
        read(answer({"inlineData": {"mimeType": "image/png", "data": data}}), MODEL)
    assert caught.value.code == "corrupt_answer"
    assert (caught.value.params["cost"], caught.value.params["usage"]) == (PAID, USAGE)


# ── answers without one ─────────────────────────────────────────────────────────────────────────────────────────────

CUT_COST = Decimal("0.001800")  # 1000 · 1.50 + 40 · 7.50
CUT_USAGE = {"promptTokenCount": 1000, "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 40}]}


@pytest.mark.parametrize(
    "reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK", "BRAND_NEW"]
)
def test_a_blocked_photo_is_refused_for_good_and_free(reason):
    with pytest.raises(gemini_answers.RefusedPhoto) as caught:
        read(refusal(reason), MODEL)
    assert isinstance(caught.value, Permanent)
    assert caught.value.params["cost"] == 0
    assert reason in caught.value.text


@pytest.mark.parametrize(
    ("finish", "code", "kind", "cost"),
    [
        ("IMAGE_SAFETY", "refused_result", Permanent, 0),
        ("PROHIBITED_CONTENT", "refused_result", Permanent, 0),
        ("SAFETY", "refused_result", Permanent, 0),
        ("SPII", "refused_result", Permanent, 0),
        ("BLOCKLIST", "refused_result", Permanent, 0),
        ("LANGUAGE", "refused_result", Permanent, 0),
        ("IMAGE_PROHIBITED_CONTENT", "refused_brand", Permanent, 0),
        ("RECITATION", "refused_brand", Permanent, 0),
        ("IMAGE_RECITATION", "refused_brand", Permanent, 0),
        ("NO_IMAGE", "no_picture", gemini_answers.NoPicture, 0),
        ("IMAGE_OTHER", "no_picture", gemini_answers.NoPicture, 0),
        ("MAX_TOKENS", "cut_answer", gemini_answers.NoPicture, CUT_COST),
        ("MALFORMED_RESPONSE", "cut_answer", gemini_answers.NoPicture, CUT_COST),
        ("OTHER", "cut_answer", gemini_answers.NoPicture, CUT_COST),
        ("CONTINUATION", "cut_answer", gemini_answers.NoPicture, CUT_COST),
        ("BRAND_NEW", "cut_answer", gemini_answers.NoPicture, CUT_COST),
        ("PUP_LIMITED_DISABLED", "account_limited", PausesQueue, 0),
    ],
)
def test_every_finish_without_a_picture_has_its_class_and_cost(finish, code, kind, cost):
    with pytest.raises(kind) as caught:
        read(answer(finish=finish, usage=CUT_USAGE), MODEL)
    assert (caught.value.code, caught.value.params["cost"]) == (code, cost)


def test_words_instead_of_a_picture_are_charged_and_worth_one_retry():
    with pytest.raises(gemini_answers.TextOnly) as caught:
        read(answer({"text": "Here is your image"}, usage=CUT_USAGE), MODEL)
    assert isinstance(caught.value, gemini_answers.NoPicture)
    assert caught.value.params["cost"] == CUT_COST
    assert "US$ 0.001800" in caught.value.text


def test_only_a_thought_picture_is_no_picture():
    with pytest.raises(gemini_answers.NoPicture):
        read(answer(image_part(thought=True)), MODEL)


def test_googles_own_explanation_is_kept():
    with pytest.raises(gemini_answers.NoPicture) as caught:
        read(answer(finish="NO_IMAGE", finishMessage="Unable to show the image."), MODEL)
    assert caught.value.params["detail"] == "Unable to show the image."


@pytest.mark.parametrize("content", [None, {}, {"role": "model"}, {"parts": None}, {"parts": []}, {"parts": ["x"]}])
def test_every_shape_of_an_empty_content_is_a_cut_answer(content):
    with pytest.raises(gemini_answers.CutAnswer):
        read(answer(content=content), MODEL)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}", b'{"candidates":[]}', b'{"candidates":null}', b"\xff"])
def test_a_body_without_candidates_is_a_cut_answer(body):
    with pytest.raises(gemini_answers.CutAnswer):
        read(body, MODEL)


def test_a_limited_account_stops_the_queue_until_a_person_resumes_it():
    with pytest.raises(gemini_answers.AccountLimited) as caught:
        read(answer(finish="PUP_LIMITED_DISABLED"), MODEL)
    assert caught.value.seconds is None


# ── failures ────────────────────────────────────────────────────────────────────────────────────────────────────────


def refused(status: int, message: str = "no", details: object = None, error_status: str = "X") -> APIError:
    body = {"error": {"code": status, "message": message, "status": error_status, "details": details or []}}
    return (ClientError if status < 500 else ServerError)(status, body)


def info(reason: str) -> list:
    return [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]


def quota(quota_id: str) -> list:
    return [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota_id}]}]


def retry_info(delay: str) -> list:
    return [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]


@pytest.mark.parametrize(
    ("exc", "code", "kind"),
    [
        (httpx2.ConnectError("refused"), "gemini_unreachable", Retryable),
        (httpx2.ConnectTimeout("slow"), "gemini_unreachable", Retryable),
        (httpx2.PoolTimeout("full"), "gemini_unreachable", Retryable),
        (httpx2.ReadTimeout("slow"), "gemini_unanswered", Ambiguous),
        (httpx2.RemoteProtocolError("cut"), "gemini_unanswered", Ambiguous),
        (httpx2.ReadError("cut"), "gemini_unanswered", Ambiguous),
        (json.JSONDecodeError("bad", "<html>", 0), "gemini_unanswered", Ambiguous),
        (TimeoutError(), "gemini_unanswered", Ambiguous),
        (RuntimeError("never seen"), "gemini_unanswered", Ambiguous),
        (APIError(204, {"message": "", "status": "No Content"}), "gemini_unanswered", Ambiguous),
        (refused(499), "gemini_unanswered", Ambiguous),
        (refused(504), "gemini_unanswered", Ambiguous),
        (refused(500), "gemini_overloaded", Retryable),
        (ServerError(502, {"message": "<html>…", "status": "Bad Gateway"}), "gemini_overloaded", Retryable),
        (refused(503, "The model is overloaded."), "gemini_overloaded", Retryable),
        (refused(400, "Unable to process input image"), "gemini_photo", Permanent),
        (refused(413), "gemini_photo", Permanent),
        (refused(418), "gemini_unexpected", Retryable),
        (refused(400, "API key not valid. Please pass a valid API key."), "gemini_key", PausesQueue),
        (refused(400, details=info("API_KEY_INVALID")), "gemini_key", PausesQueue),
        (refused(401), "gemini_key", PausesQueue),
        (refused(403), "gemini_key", PausesQueue),
        (refused(402), "gemini_credit", PausesQueue),
        (refused(403, details=info("BILLING_DISABLED")), "gemini_credit", PausesQueue),
        (refused(404, "models/x is not found"), "gemini_model", PausesQueue),
        (refused(400, 'Invalid JSON payload received. Unknown name "seed"'), "gemini_setup", PausesQueue),
        (refused(400, "User location is not supported for the API use."), "gemini_setup", PausesQueue),
        (refused(400, "Manually set deadline 8s is too short. Minimum is 10s."), "gemini_setup", PausesQueue),
        (refused(429, "Your project has exceeded its monthly spending cap."), "gemini_credit", PausesQueue),
        (refused(429, "Your prepayment credits are depleted."), "gemini_credit", PausesQueue),
        (
            refused(429, "Quota exceeded for metric: x, limit: 0, model: y", quota("PerDay")),
            "gemini_credit",
            PausesQueue,
        ),
    ],
)
def test_every_failure_has_its_class(exc, code, kind):
    error = classify(exc, model=MODEL)
    assert isinstance(error, kind)
    assert error.code == code
    if kind is PausesQueue:
        assert error.seconds is None


def test_the_documented_reason_outranks_the_status():
    assert classify(refused(429, "limit: 0", info("API_KEY_INVALID"))).code == "gemini_key"


@pytest.mark.parametrize(
    ("exc", "seconds"),
    [
        (refused(429, details=retry_info("38.5s")), 38.5),
        (refused(429, details=retry_info("7s")), 7.0),
        (refused(429, "Please retry in 12.25s."), 12.25),
        (refused(429, details=retry_info("soon")), gemini_errors.DEFAULT_WAIT),
        (refused(429, "limit: 0.5 per second"), gemini_errors.DEFAULT_WAIT),
        (refused(429, "limit: 05"), gemini_errors.DEFAULT_WAIT),
    ],
)
def test_too_many_requests_pause_the_queue_for_as_long_as_google_says(exc, seconds):
    error = classify(exc)
    assert isinstance(error, gemini_errors.RateLimited)
    assert error.seconds == seconds


def test_a_daily_quota_pauses_until_the_quotas_day_ends():
    error = classify(refused(429, details=[*quota("GenerateRequestsPerDayPerProject"), *retry_info("9s")]))
    assert isinstance(error, DayQuotaSpent)
    assert error.code == "gemini_day_limit"


@pytest.mark.parametrize(
    "body",
    [
        [{"error": {"message": "a"}}, {"error": {"message": "b"}}],
        ["x"],
        "text",
        {"error": "text"},
        {"error": {"details": {"reason": "x"}}},
        {"error": {"details": ["x", {"violations": "y"}, {"violations": ["z"]}]}},
    ],
)
def test_a_body_of_any_shape_is_classified(body):
    assert classify(ClientError(429, body)).code == "gemini_busy"


def test_the_model_google_names_instead_is_shown():
    text = "models/gemini-2.5-flash-image is no longer available. Please use gemini-nano-banana-2.1."
    error = classify(refused(404, text), model="gemini-2.5-flash-image")
    assert "por ejemplo gemini-nano-banana-2.1," in error.text
    assert "por ejemplo gemini-3.1-flash-lite-image," in classify(refused(404), model=MODEL).text


def test_every_message_fits_a_line_and_says_what_was_charged():
    filling = dict.fromkeys(
        ("reason", "hint", "status", "cost", "wait", "model", "instead"), "gemini-3.1-flash-lite-image"
    )
    classes = [
        found
        for module in (gemini_answers, gemini_errors)
        for found in vars(module).values()
        if isinstance(found, type) and getattr(found, "__module__", "") == module.__name__ and hasattr(found, "code")
    ]
    assert len(classes) > 15
    for found in classes:
        assert len(found.message.format(**filling)) <= 230, found
        assert len(found.message) <= 200, found
        assert "cobr" in found.message, found


# ── calls, through the real SDK ─────────────────────────────────────────────────────────────────────────────────────

REQUEST = EditRequest(JPEG, "image/jpeg", "Edit this image.", MODEL)
BAD_KEY = {"error": {"code": 400, "message": "API key not valid.", "details": info("API_KEY_INVALID")}}
NO_FIELD = {"error": {"code": 400, "message": "Invalid JSON payload received. Unknown name \"imageConfig\" at 'x'."}}


@pytest.fixture
def google():
    with scripted_server() as server:
        yield server


@pytest.fixture
def new_editor(google):
    """Makes editors with short patience, closed after the test."""
    made = []

    def new(model: str = MODEL, timeout_ms: int = 5000, deadline: float = 10, url: str | None = None) -> GeminiEditor:
        made.append(GeminiEditor("test-key", model, url or google.url, timeout_ms=timeout_ms, deadline=deadline))
        return made[-1]

    yield new
    google.released.set()
    for editor in made:
        editor.close()


def test_what_is_bought_is_the_body_as_received(google, new_editor):
    body = answer(image_part())
    google.answers(reply(200, body))
    editor = new_editor()
    bought = editor.buy(REQUEST)
    assert (bought.body, bought.media_type) == (body, "application/json")
    assert editor.read(bought).image == PNG


def test_the_request_is_a_picture_then_the_prompt_and_nothing_that_buys_twice(google, new_editor):
    google.answers(reply(200, answer(image_part())))
    new_editor().buy(REQUEST)
    [seen] = google.seen
    body = json.loads(seen.body)
    picture, prompt = body["contents"][0]["parts"]
    assert base64.urlsafe_b64decode(picture["inlineData"]["data"]) == JPEG
    assert prompt == {"text": "Edit this image."}
    config = body["generationConfig"]
    assert config.pop("imageConfig") == {"aspectRatio": "1:1"}
    assert config == {"responseModalities": ["IMAGE"], "thinkingConfig": {"thinking_level": "MINIMAL"}}
    assert seen.path == f"/v1beta/models/{MODEL}:generateContent"
    assert seen.headers["x-goog-api-key"] == "test-key"


def test_a_model_that_does_not_think_is_not_told_how_much(google, new_editor):
    google.answers(reply(200, answer(image_part())))
    new_editor().buy(EditRequest(JPEG, "image/jpeg", "Edit.", "gemini-2.5-flash-image"))
    assert "thinkingConfig" not in json.loads(google.seen[0].body)["generationConfig"]


def test_the_deadline_told_to_google_is_never_under_ten_seconds(google, new_editor):
    google.answers(reply(200, answer(image_part())))
    new_editor(timeout_ms=500).buy(REQUEST)
    new_editor(timeout_ms=120_000).buy(REQUEST)
    assert [seen.headers["x-server-timeout"] for seen in google.seen] == ["10", "120"]


def test_no_variable_of_the_environment_turns_the_calls_elsewhere(google, new_editor, monkeypatch):
    monkeypatch.setenv("GOOGLE_API_KEY", "another")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1")
    google.answers(reply(200, answer(image_part())))
    new_editor().buy(REQUEST)
    assert google.seen[0].path.startswith("/v1beta/models/")
    assert google.seen[0].headers["x-goog-api-key"] == "test-key"


def test_a_refused_image_config_is_left_out_once_and_from_then_on(google, new_editor):
    google.answers(reply(400, NO_FIELD), reply(200, answer(image_part())))
    editor = new_editor()
    editor.buy(REQUEST)
    editor.buy(REQUEST)
    sent = ["imageConfig" in json.loads(seen.body)["generationConfig"] for seen in google.seen]
    assert sent == [True, False, False]


def test_a_second_unknown_name_stops_the_queue(google, new_editor):
    google.answers(reply(400, NO_FIELD))
    with pytest.raises(gemini_errors.BadSetup):
        new_editor().buy(REQUEST)
    assert len(google.seen) == 2


@pytest.mark.parametrize("fault", [cut, cut_in_the_middle], ids=["before", "middle"])
def test_a_connection_cut_after_the_work_is_doubtful_and_bought_once(google, new_editor, fault):
    google.answers(fault)
    with pytest.raises(Ambiguous):
        new_editor().buy(REQUEST)
    assert len(google.seen) == 1


def test_an_answer_that_does_not_come_is_doubtful_and_bought_once(google, new_editor):
    google.answers(hang)
    with pytest.raises(Ambiguous) as caught:
        new_editor(timeout_ms=200).buy(REQUEST)
    assert "ReadTimeout" in caught.value.params["detail"]
    assert len(google.seen) == 1


def test_a_trickle_ends_at_the_deadline_of_the_whole_call(google, new_editor):
    google.answers(trickle)
    with pytest.raises(Ambiguous) as caught:
        new_editor(timeout_ms=5000, deadline=0.3).buy(REQUEST)
    assert "TimeoutError" in caught.value.params["detail"]
    assert len(google.seen) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"<html>hello</html>"), (200, b"[]"), (200, b'{"candidates": ['), (204, b"")],
)
def test_an_answer_that_is_no_answer_is_doubtful_and_kept(google, new_editor, status, body):
    google.answers(reply(status, body, "text/html"))
    with pytest.raises(Ambiguous) as caught:
        new_editor().buy(REQUEST)
    assert caught.value.params["status"] == status
    assert status == 204 or caught.value.params["detail"] == body.decode()
    assert len(google.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_the_sdk_retries_nothing(google, new_editor, status):
    google.answers(reply(status, b"<html>busy</html>", "text/html"))
    with pytest.raises((Retryable, PausesQueue)):
        new_editor().buy(REQUEST)
    assert len(google.seen) == 1


def test_the_delay_google_asks_for_reaches_the_queue(google, new_editor):
    google.answers(reply(429, {"error": {"code": 429, "message": "Slow down", "details": retry_info("38.5s")}}))
    with pytest.raises(gemini_errors.RateLimited) as caught:
        new_editor().buy(REQUEST)
    assert caught.value.seconds == 38.5
    assert "39 s" in caught.value.text


def test_a_continuation_is_not_followed(google, new_editor):
    google.answers(reply(200, answer({"text": "…"}, finish="CONTINUATION", continuationToken="YWJj")))
    editor = new_editor()
    with pytest.raises(gemini_answers.CutAnswer):
        editor.read(editor.buy(REQUEST))
    assert len(google.seen) == 1


def test_nobody_listening_is_free_to_retry(google, new_editor):
    with pytest.raises(gemini_errors.Unreachable):
        new_editor(url="http://127.0.0.1:1").buy(REQUEST)


def test_the_check_asks_for_the_model_and_buys_nothing(google, new_editor):
    google.answers(reply(200, {"name": f"models/{MODEL}"}))
    new_editor().check()
    assert [(seen.method, seen.path) for seen in google.seen] == [("GET", f"/v1beta/models/{MODEL}")]


def test_the_check_names_the_setting_of_a_model_that_is_gone(google, new_editor):
    google.answers(reply(404, {"error": {"code": 404, "message": "models/old is not found"}}))
    with pytest.raises(StartupError) as caught:
        new_editor("gemini-2.5-flash-image").check()
    for text in (caught.value.text, caught.value.en):
        assert "GEMINI_MODEL" in text
        assert "gemini-2.5-flash-image" in text
        assert MODEL in text


@pytest.mark.parametrize(("status", "body"), [(400, BAD_KEY), (401, {}), (403, {})])
def test_the_check_names_the_setting_of_a_bad_key(google, new_editor, status, body):
    google.answers(reply(status, body))
    with pytest.raises(StartupError, match="GEMINI_API_KEY"):
        new_editor().check()


@pytest.mark.parametrize("fault", [cut, hang, reply(503, {}), reply(429, {}), reply(504, {})])
def test_the_check_can_be_tried_again_after_trouble(google, new_editor, fault):
    google.answers(fault)
    with pytest.raises(Retryable):
        new_editor(timeout_ms=200).check()


@pytest.mark.parametrize("key", ["con espacio", "clavé", "a\nb"])
def test_a_key_that_no_header_can_carry_is_refused_at_the_start(key):
    with pytest.raises(StartupError, match="GEMINI_API_KEY"):
        GeminiEditor(key, MODEL)
