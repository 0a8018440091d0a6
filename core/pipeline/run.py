"""One article's way, from claim to published picture: each stage ends with its durable record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, text

from core.db.engine import durably, is_not_our_fault
from core.errors import Ambiguous, JobError, Permanent, Retryable
from core.inspect import decode, framing, measure
from core.money import prices
from core.pipeline import blobs, checkpoints, publish, purchases, source
from core.pipeline.checkpoints import Checkpoint
from core.pipeline.purchases import Held
from core.providers.local_host import LocalHost
from core.providers.ports import Edit, Editor, EditRequest, Fetcher, Host, RawAnswer
from core.providers.safe_fetch import SourceGone
from core.queue.jobs import Job
from core.recipes.prompts import prompt_for
from core.settings.values import load_tuning

log = logging.getLogger("revelado.worker")
T = TypeVar("T")


class HandBack(Exception):
    """The worker is stopping and nothing was bought yet: the job goes back, no attempt counted."""


class BlankPicture(Permanent):
    code = "blank_picture"
    message = "La imagen que se hizo está en blanco. Reintente o pruebe con otra foto del artículo."


class UnreadablePicture(Retryable):
    code = "unreadable_picture"
    message = "La imagen que mandó el editor llegó dañada. Se intentará otra vez."


class OtherEditor(Permanent):
    code = "other_editor"
    message = (
        "Este artículo tiene una imagen ya pagada, hecha con el editor {editor}, que ahora no está en uso. Pida al"
        " administrador que vuelva a ese editor (IMAGE_EDITOR) y reintente: no se cobrará otra vez."
    )


@dataclass(frozen=True)
class Workshop:
    """What a run needs; the same for every article."""

    engine: Engine
    editor: Editor
    host: Host
    local_host: LocalHost
    fetcher: Fetcher
    legacy_base: str | None
    stopping: Callable[[], bool]  #: no new purchase once true
    must_leave: Callable[[], bool]  #: the patience for what is in flight is over, too


@dataclass
class ArticleRun:
    shop: Workshop
    job: Job
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> bool:
        """Whether the picture was published; False when a person changed the article's photo meanwhile.

        Raises a JobError, HandBack, or whatever a bug raises; the caller ends the job accordingly.
        """
        checkpoint = self._durably(lambda c: checkpoints.begin(c, self.job))
        with self._timed("fetch"):
            checkpoint, photo = self._fetch(checkpoint)
        if checkpoint.result_sha256 is None:
            with self._timed("buy"):
                held = self._buy(checkpoint, photo)
            with self._timed("inspect"):
                self._inspect(photo, held)
            checkpoint = self._reload()
        with self._timed("host"):
            image = self._host(checkpoint)
        checkpoint = self._reload()
        asset = checkpoint.asset
        assert asset is not None
        return self._durably(lambda c: publish.publish(c, self.job, checkpoint, asset, image, self.seconds))

    # ── stages ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, checkpoint: Checkpoint) -> tuple[Checkpoint, decode.Photo]:
        digest = checkpoint.source_sha256
        if digest is not None:
            stored = self._durably(lambda c: blobs.get(c, digest)[0])
            return checkpoint, decode.decode(stored)
        self._stop_before_buying()
        url, data = self._read_source(checkpoint)
        photo = decode.decode(data)

        def save(connection: Connection) -> None:
            digest = blobs.put(connection, data, "application/octet-stream")
            checkpoints.save_source(connection, self.job, digest, url)

        self._durably(save)
        return self._reload(), photo

    def _read_source(self, checkpoint: Checkpoint) -> tuple[str, bytes]:
        def read(url: str) -> bytes:
            return source.read(url, self.shop.fetcher, self.shop.local_host, self.shop.legacy_base)

        try:
            return checkpoint.source_url, read(checkpoint.source_url)
        except SourceGone:
            # The earlier backend deleted originals. What it made of them is then the best photo there is.
            current = checkpoint.expected_url
            if not current or current == checkpoint.source_url or self._durably(lambda c: _made_by_us(c, current)):
                raise
            log.warning("   ⚠️ [Cola] La foto original ya no existe; se usa la actual del artículo")
            return current, read(current)

    def _buy(self, checkpoint: Checkpoint, photo: decode.Photo) -> Held:
        held = self._durably(lambda c: purchases.held_answer(c, self.job, checkpoint))
        if held is not None:
            log.info("   ♻️ [Cola] Se usa la respuesta que ya estaba guardada; no se compra otra vez")
            return held
        self._stop_before_buying()
        editor = self.shop.editor
        strict = self._durably(lambda c: purchases.tries(c, checkpoint)).useless > 0
        prompt = prompt_for(
            self.job.articulo_nombre, self.job.articulo_descripcion, checkpoint.categoria, strict=strict
        )
        request = EditRequest(decode.encode_source(photo), "image/jpeg", prompt.text, editor.model)
        estimate = prices.expected(editor.model) if editor.name == "gemini" else Decimal(0)
        purchase_id = self._durably(
            lambda c: purchases.open_intent(
                c,
                self.job,
                checkpoint,
                request,
                editor=editor.name,
                prompt_version=prompt.version,
                estimate=estimate,
                rebuys=load_tuning(c).doubtful_rebuys,
            )
        )
        engine_name = "Gemini" if editor.name == "gemini" else "el editor local"
        log.info("✨ Iniciando procesamiento con %s (%s): %s", engine_name, editor.model, _file_name(checkpoint))
        log.info("   📝 Prompt generado: %s...", prompt.text[:48])
        answer = self._call(purchase_id, request)
        # A paid answer is never given up: whatever ails the database, even a stopping worker keeps trying.
        durably(self.shop.engine, lambda c: purchases.store_answer(c, purchase_id, answer), passing=is_not_our_fault)
        log.info("✅ Respuesta recibida de %s", engine_name)
        return Held(purchase_id, answer, editor.name, editor.model)

    def _call(self, purchase_id: int, request: EditRequest) -> RawAnswer:
        try:
            return self.shop.editor.buy(request)
        except JobError as error:
            # The provider's own table says what was surely not billed; everything else may have been.
            state = "doubtful" if isinstance(error, Ambiguous) else "free"
            self._durably(lambda c: purchases.close(c, purchase_id, state))
            raise

    def _inspect(self, photo: decode.Photo, held: Held) -> None:
        edit = self._read_answer(held)
        try:
            made = decode.decode(edit.image).image
        except Permanent as error:
            self._durably(lambda c: purchases.discard(c, held.purchase_id))
            raise UnreadablePicture from error
        framed = framing.frame(made) if edit.needs_framing else made
        report = measure.measure(photo.image, framed)
        if report.blank:
            self._durably(lambda c: purchases.discard(c, held.purchase_id))
            raise BlankPicture
        ai_made = held.editor == "gemini"
        jpeg = framing.to_jpeg(
            framed, digital_source_type="compositeWithTrainedAlgorithmicMedia" if ai_made else "algorithmicallyEnhanced"
        )
        doubts = list(dict.fromkeys((*photo.doubts, *edit.doubts, *report.doubts)))

        def save(connection: Connection) -> None:
            digest = blobs.put(connection, jpeg, "image/jpeg")
            checkpoints.save_result(
                connection, self.job, digest, {**asdict(report), "doubts": doubts, "model": held.model}
            )

        self._durably(save)

    def _read_answer(self, held: Held) -> Edit:
        if held.editor != self.shop.editor.name:
            raise OtherEditor(editor=held.editor)
        try:
            edit = self.shop.editor.read(held.answer)
        except JobError as error:
            cost, usage = error.params.get("cost"), error.params.get("usage")

            def give_up(connection: Connection) -> None:
                purchases.settle(
                    connection,
                    held.purchase_id,
                    cost if isinstance(cost, Decimal) else Decimal(0),
                    usage if isinstance(usage, dict) else {},
                )
                purchases.discard(connection, held.purchase_id)

            self._durably(give_up)
            raise
        self._durably(lambda c: purchases.settle(c, held.purchase_id, edit.cost, edit.usage))
        return edit

    def _host(self, checkpoint: Checkpoint) -> bytes:
        digest = checkpoint.result_sha256
        assert digest is not None
        image = self._durably(lambda c: blobs.get(c, digest)[0])
        if checkpoint.asset is not None:
            return image
        if self.shop.must_leave():
            raise HandBack
        # The picture's own hash keeps two installations that share an account apart.
        public_id = f"catalogo/{self.job.articulo_id}/{self.job.id}-{checkpoint.generation}-{digest.hex()[:8]}"
        asset = self.shop.host.upload(image, public_id, "image/jpeg")
        self._durably(lambda c: checkpoints.save_asset(c, self.job, asset))
        where = "Cloudinary" if asset.host == "cloudinary" else "el disco"
        log.info("   ☁️ [Cola] Nueva imagen subida a %s", where)
        return image

    # ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _reload(self) -> Checkpoint:
        return self._durably(lambda c: checkpoints.load(c, self.job))

    def _stop_before_buying(self) -> None:
        if self.shop.stopping():
            raise HandBack

    def _durably(self, work: Callable[[Connection], T]) -> T:
        return durably(self.shop.engine, work, self.shop.must_leave)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.monotonic() - started, 3)


def _made_by_us(connection: Connection, url: str) -> bool:
    """Not what the earlier backend made, whose original may be gone (`external`)."""
    found = connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM revelado.pictures WHERE md5(url) = md5(:url) AND url = :url"
            " AND kind = 'result' AND host <> 'external')"
        ),
        {"url": url},
    )
    return bool(found)


def _file_name(checkpoint: Checkpoint) -> str:
    return PurePosixPath(urlsplit(checkpoint.source_url).path).name or "foto"
