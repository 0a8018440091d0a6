"""One article's way, from claim to published picture: each stage ends with its durable record."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from core.errors import JobError, Permanent, Retryable, ServiceTrouble
from core.inspect.framing import Framing
from core.inspect.jpeg import source_type
from core.inspect.studio import PictureBreaksStudio, Prepared
from core.pipeline import blobs, buy, checkpoints, publish, purchases, source
from core.pipeline.checkpoints import Checkpoint
from core.pipeline.publish import Published
from core.pipeline.purchases import Held
from core.pipeline.workshop import HandBack, Workshop
from core.providers.fetch_errors import SourceGone
from core.providers.ports import Edit
from core.queue import services
from core.queue.jobs import Job
from core.settings.values import INSPECTIONS, load_tuning

log = logging.getLogger("revelado.worker")


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


@dataclass
class ArticleRun:
    shop: Workshop
    job: Job
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> Published:
        """Raises a JobError, HandBack, or whatever a bug raises; the caller ends the job accordingly."""
        checkpoint = self._begin()
        if checkpoint.asset is None and checkpoint.result_sha256 is None:
            checkpoint = self._make(checkpoint)
        with self._timed("host"):
            self._host(checkpoint)
        checkpoint = self._reload()
        asset, version = checkpoint.asset, self.shop.recipe(checkpoint.recipe_version_id)
        assert asset is not None
        return self.shop.durably(
            lambda c: publish.publish(c, self.job, checkpoint, version, asset, self.seconds, self.shop.next_for())
        )

    def fetch(self) -> tuple[Checkpoint, Prepared | None]:
        """Only the stages before the purchase, for who buys elsewhere; no photo when the picture is made already."""
        checkpoint = self._begin()
        if checkpoint.asset is not None or checkpoint.result_sha256 is not None:
            return checkpoint, None
        with self._timed("fetch"):
            return self._fetch(checkpoint)

    # ── stages ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> Checkpoint:
        if self.job.claim_token > 1:
            # On its own: it stands whatever becomes of this run.
            self.shop.durably(lambda c: purchases.close_stale(c, self.job))
        return self.shop.durably(lambda c: checkpoints.begin(c, self.job))

    def _make(self, checkpoint: Checkpoint) -> Checkpoint:
        with self._timed("fetch"):
            checkpoint, photo = self._fetch(checkpoint)
        with self._timed("buy"):
            held = buy.buy(self.shop, self.job, checkpoint, photo.jpeg, _file_name(checkpoint))
        if held is not None:
            with self._timed("inspect"):
                self._inspect(checkpoint, photo, held)
        return self._reload()

    def _fetch(self, checkpoint: Checkpoint) -> tuple[Checkpoint, Prepared]:
        digest = checkpoint.source_sha256
        if digest is not None:
            stored = self.shop.durably(lambda c: blobs.get(c, digest)[0])
            return checkpoint, self.shop.studio.prepare(stored)
        self.shop.stop_before_buying()
        url, data = self._read_source(checkpoint)
        site = f"photos:{urlsplit(url).hostname or ''}"
        photo = self.shop.studio.prepare(data)

        def save(connection: Connection) -> None:
            services.succeeded(connection, site)
            digest = blobs.put(connection, data, "application/octet-stream")
            checkpoints.save_source(connection, self.job, digest, url)

        self.shop.durably(save)
        return self._reload(), photo

    def _read_source(self, checkpoint: Checkpoint) -> tuple[str, bytes]:
        def read(url: str) -> bytes:
            try:
                return source.read(url, self.shop.fetcher, self.shop.local_host, self.shop.legacy_base)
            except ServiceTrouble as trouble:
                trouble.service = f"photos:{urlsplit(url).hostname or ''}"
                raise

        try:
            return checkpoint.source_url, read(checkpoint.source_url)
        except SourceGone:
            # The earlier backend deleted originals. What it made of them is then the best photo there is.
            current = checkpoint.expected_url
            if not current or current == checkpoint.source_url or self.shop.durably(lambda c: _made_by_us(c, current)):
                raise
            log.warning("   ⚠️ [Cola] La foto original ya no existe; se usa la actual del artículo")
            return current, read(current)

    def _inspect(self, checkpoint: Checkpoint, photo: Prepared, held: Held) -> None:
        edit = self._read_answer(held)
        ai_made = held.editor == "gemini"
        version = self.shop.recipe(checkpoint.recipe_version_id)
        inspection = INSPECTIONS[self.shop.durably(load_tuning).inspection]
        try:
            finished = self.shop.studio.finish(
                photo.jpeg,
                edit.image,
                framing=Framing(version.size, version.fill, version.shadow, needed=edit.needs_framing),
                digital_source_type=source_type("made", ai=ai_made),
                inspection=inspection,
                doubts=(*photo.doubts, *edit.doubts),
                composite=ai_made and version.kind == "composite",
            )
        except PictureBreaksStudio:
            raise  # it may have been the machine's bad moment: what was paid for stays
        except Permanent as error:
            self.shop.durably(lambda c: purchases.discard(c, held.purchase_id))
            raise UnreadablePicture from error
        report, jpeg = finished.report, finished.jpeg
        if finished.trouble:
            log.error("   ⚠️ [Inspección] No se pudo comparar; queda para una persona: %s", finished.trouble)
        if report.blank:
            self.shop.durably(lambda c: purchases.discard(c, held.purchase_id))
            raise BlankPicture
        facts = {
            **report.to_json(),
            "model": held.model,
            "used": finished.used,
            "redrawn": ai_made and finished.used == "made",
        }

        def save(connection: Connection) -> None:
            digest = blobs.put(connection, jpeg, "image/jpeg")
            checkpoints.save_result(connection, self.job, digest, facts)

        self.shop.durably(save)

    def _read_answer(self, held: Held) -> Edit:
        editor = self.shop.editor_named(held.editor)
        if editor is None:
            raise OtherEditor(editor=held.editor)
        try:
            edit = editor.read(held.answer)
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

            self.shop.durably(give_up)
            raise
        self.shop.durably(lambda c: purchases.settle(c, held.purchase_id, edit.cost, edit.usage))
        return edit

    def _host(self, checkpoint: Checkpoint) -> None:
        if checkpoint.asset is not None:
            return
        digest = checkpoint.result_sha256
        assert digest is not None
        if self.shop.must_leave():
            raise HandBack
        image = self.shop.durably(lambda c: blobs.get(c, digest)[0])
        # The picture's own hash keeps two installations that share an account apart.
        public_id = f"catalogo/{self.job.articulo_id}/{self.job.id}-{checkpoint.generation}-{digest.hex()[:8]}"
        asset = self.shop.host.upload(image, public_id, "image/jpeg")

        def save(connection: Connection) -> None:
            services.succeeded(connection, asset.host)
            checkpoints.save_asset(connection, self.job, asset)

        self.shop.durably(save)
        where = "a Cloudinary" if asset.host == "cloudinary" else "al disco"
        log.info("   ☁️ [Cola] Nueva imagen subida %s", where)

    # ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _reload(self) -> Checkpoint:
        return self.shop.durably(lambda c: checkpoints.load(c, self.job))

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
