"""Mercado Libre is asked about one picture, and whatever goes wrong is told in words that staff can act on."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from core.config import load
from core.errors import Permanent, Retryable, ServiceTrouble
from core.providers.mercado_libre import (
    MarketplaceBusy,
    MarketplaceRefuses,
    MarketplaceUnreachable,
    MercadoLibre,
    PictureNotDiagnosed,
)
from tests.emulators.control import EmulatorControl
from tests.emulators.faults import Fault
from tests.emulators.mercado_libre import TOKEN, MercadoLibreEmulator
from tests.emulators.server import EmulatorServer


@pytest.fixture(scope="module")
def running() -> Iterator[EmulatorControl]:
    with EmulatorServer(MercadoLibreEmulator()) as server:
        control = EmulatorControl(server.url)
        yield control
        control.close()


@pytest.fixture
def service(running: EmulatorControl) -> EmulatorControl:
    running.reset()
    return running


@pytest.fixture
def market(service: EmulatorControl) -> MercadoLibre:
    return MercadoLibre(TOKEN, base_url=service.base_url, timeout=5)


def picture(size: int = 800, colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "JPEG")
    return out.getvalue()


def ask(market: MercadoLibre, image: str | bytes | None = None):
    return market.diagnose(image or picture(), "MLA1346", "Martillo carpintero 16 oz")


def test_a_good_picture_is_clean(market: MercadoLibre, service: EmulatorControl) -> None:
    assert ask(market).clean
    [seen] = service.requests("diagnostic")
    assert seen["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert seen["json"]["context"] == {
        "category_id": "MLA1346",
        "title": "Martillo carpintero 16 oz",
        "picture_type": "thumbnail",
    }


def test_what_they_would_moderate_comes_with_their_words(market: MercadoLibre, service: EmulatorControl) -> None:
    service.set(seen=["text_logo", "watermark"])
    found = ask(market, picture(400, "grey"))
    assert not found.clean
    assert [one.name for one in found.detections] == ["white_background", "minimum_size", "text_logo", "watermark"]
    assert found.detections[0].wordings == ("El fondo no es blanco puro.", "Usa un fondo blanco creado con un editor.")


def test_a_public_address_is_sent_as_it_is(market: MercadoLibre, service: EmulatorControl) -> None:
    address = f"{service.base_url}/__ledger"  # no picture there
    with pytest.raises(PictureNotDiagnosed, match="could not be downloaded"):
        ask(market, address)
    assert service.requests("diagnostic")[0]["json"]["picture_url"] == address


def test_a_pause_is_as_long_as_they_say(market: MercadoLibre, service: EmulatorControl) -> None:
    busy = {"kind": "status", "status": 429, "body": {"message": "local_rate_limited"}}
    service.add_faults(Fault(**busy, headers={"retry-after": "17"}), Fault(**busy))
    waits = []
    for _ in range(2):
        with pytest.raises(MarketplaceBusy) as caught:
            ask(market)
        waits.append(caught.value.wait)
    assert waits == [17, 60]
    assert isinstance(caught.value, Retryable) and "60 segundos" in caught.value.text
    assert ask(market).clean


def test_a_token_that_has_run_out_is_for_an_administrator(service: EmulatorControl) -> None:
    with pytest.raises(MarketplaceRefuses) as caught:
        ask(MercadoLibre("APP_USR-old", base_url=service.base_url))
    assert isinstance(caught.value, Permanent) and "MERCADO_LIBRE_TOKEN" in caught.value.text
    assert "APP_USR-old" not in repr(caught.value.__dict__)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=503),
        Fault(kind="drop"),
        Fault(kind="cut_body"),
        Fault(kind="status", status=200, body="<html>"),
        Fault(kind="status", status=200, body=["?"]),
        Fault(kind="status", status=200, body={"diagnostics": [{"detections": [{}]}]}),
        Fault(kind="status", status=302, headers={"location": "http://127.0.0.1:9/"}),
    ],
)
def test_an_answer_that_is_none_can_be_asked_for_again(
    market: MercadoLibre, service: EmulatorControl, fault: Fault
) -> None:
    service.add_faults(fault)
    with pytest.raises(MarketplaceUnreachable) as caught:
        ask(market)
    assert isinstance(caught.value, ServiceTrouble)
    assert service.count("diagnostic") == 1


def test_only_what_was_asked_about_is_told(market: MercadoLibre, service: EmulatorControl) -> None:
    entries = [
        {"picture_type": "other", "action": "diagnostic", "detections": [{"name": "watermark", "wordings": []}]},
        {"picture_type": "thumbnail", "action": "diagnostic", "detections": [{"kind": "text_logo", "wordings": None}]},
    ]
    service.add_faults(Fault(kind="status", status=200, body={"id": "1", "diagnostics": entries}))
    assert [one.name for one in ask(market).detections] == ["text_logo"]


def test_the_token_comes_from_the_settings_and_is_never_needed(tmp_path) -> None:
    (tmp_path / "token").write_text("APP_USR-1\n")
    none = tmp_path / "no.env"
    assert load({}, none).mercado_libre_token is None
    found = load({"MERCADO_LIBRE_TOKEN_FILE": str(tmp_path / "token")}, none)
    assert found.mercado_libre_token == "APP_USR-1" and "APP_USR-1" not in repr(found)
