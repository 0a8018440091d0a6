"""The one stage that costs money: what is held or was made already is used; else the gate, the intent, one call."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from core.db.engine import durably, is_not_our_fault
from core.errors import Ambiguous, JobError
from core.money import prices
from core.pipeline import cache, purchases
from core.pipeline.checkpoints import Checkpoint
from core.pipeline.purchases import Held
from core.pipeline.workshop import HandBack, Workshop
from core.providers.ports import Editor, EditRequest, RawAnswer
from core.queue import limits, services
from core.queue.jobs import Job
from core.recipes.prompts import Prompt, prompt_for
from core.recipes.recipes import Version
from core.settings.values import load_tuning

log = logging.getLogger("revelado.worker")

#: Seconds at most between two looks at the gate: a pause is obeyed within one.
LOOK_AGAIN = 1.0


@dataclass(frozen=True)
class Order:
    """What would be bought for a job."""

    editor: Editor
    version: Version
    prompt: Prompt
    wanted: cache.Wanted
    price: Decimal  #: US$, of the list
    reserve: Decimal  #: US$, held back until the bill is known


def order(shop: Workshop, job: Job, checkpoint: Checkpoint) -> Order:
    """After an answer without a picture, once more with the strict prompt."""
    assert checkpoint.source_sha256 is not None
    version = shop.recipe(checkpoint.recipe_version_id)
    strict = shop.durably(lambda c: purchases.tries(c, checkpoint)).useless > 0
    prompt = prompt_for(
        version,
        job.articulo_nombre,
        job.articulo_descripcion,
        job.articulo_unidad,
        checkpoint.categoria,
        note=checkpoint.note,
        strict=strict,
    )
    editor = shop.editor_for(version.kind)
    model = version.model if version.model and editor.name == "gemini" else editor.model
    options = f"{editor.options}:{version.kind}:{version.size}:{version.fill}:{version.shadow}"
    wanted = cache.Wanted(editor.name, model, prompt.version, prompt.text, options, checkpoint.source_sha256)
    if editor.name != "gemini":
        return Order(editor, version, prompt, wanted, Decimal(0), Decimal(0))
    return Order(editor, version, prompt, wanted, prices.expected(model), prices.reserved(model))


def buy(shop: Workshop, job: Job, checkpoint: Checkpoint, jpeg: bytes, file_name: str) -> Held | None:
    """The paid answer; None when the picture of an earlier, equal purchase is used (it is in the checkpoint then).

    Raises HandBack, a JobError.
    """
    wish = order(shop, job, checkpoint)
    request = request_for(wish, jpeg)
    found = _find_or_intend(shop, job, checkpoint, wish, request)
    if found is None:
        log.info("   ♻️ [Cola] Reutilizada, US$ 0: ya se había hecho esta foto con el mismo pedido")
        return None
    if isinstance(found, Held):
        log.info("   ♻️ [Cola] Se usa la respuesta que ya estaba guardada; no se compra otra vez")
        return found
    purchase_id = found
    engine_name = "Gemini" if wish.editor.name == "gemini" else "el editor local"
    log.info("✨ Iniciando procesamiento con %s (%s): %s", engine_name, request.model, file_name)
    log.info("   📝 Prompt generado: %s...", wish.prompt.text[:48])
    answer = _call(shop, wish.editor, purchase_id, request)
    # A paid answer is never given up: whatever ails the database, even a stopping worker keeps trying.
    durably(shop.engine, lambda c: purchases.store_answer(c, purchase_id, answer), passing=is_not_our_fault)
    log.info("✅ Respuesta recibida de %s", engine_name)
    _answered(shop, wish.editor)
    return Held(purchase_id, answer, wish.editor.name, request.model)


def request_for(wish: Order, jpeg: bytes) -> EditRequest:
    version = wish.version
    return EditRequest(
        jpeg, "image/jpeg", wish.prompt.text, wish.wanted.model, version.size, version.fill, version.shadow
    )


def _find_or_intend(
    shop: Workshop, job: Job, checkpoint: Checkpoint, wish: Order, request: EditRequest
) -> int | Held | None:
    """What is held already; None when the picture exists; else the id of the recorded intent, once the gate lets it through.

    Each look at the gate begins with what is held: an answer that an earlier run paid for may come late, after minutes.
    """

    def step(connection: Connection) -> int | Held | None:
        limits.lock(connection)
        held = purchases.held_answer(connection, job, checkpoint, wish.wanted.key)
        if held is not None:
            return held
        shop.stop_before_buying()
        if cache.reuse(connection, job, checkpoint, wish.wanted, wish.price):
            return None
        return purchases.open_intent(
            connection,
            job,
            checkpoint,
            request,
            editor=wish.editor.name,
            prompt_version=wish.prompt.version,
            estimate=wish.reserve,
            rebuys=load_tuning(connection).doubtful_rebuys,
            timezone=shop.timezone,
            cache_key=wish.wanted.key,
        )

    while True:
        try:
            return shop.durably(step)
        except limits.Wait as wait:
            shop.rest(min(wait.seconds, LOOK_AGAIN))
        except limits.Paused as paused:
            raise HandBack from paused


def _call(shop: Workshop, editor: Editor, purchase_id: int, request: EditRequest) -> RawAnswer:
    try:
        return editor.buy(request)
    except JobError as error:
        # The provider's own table says what was surely not billed; everything else may have been.
        state = "doubtful" if isinstance(error, Ambiguous) else "free"
        shop.durably(lambda c: purchases.close(c, purchase_id, state))
        if error.service is None:
            _answered(shop, editor)
        raise


def _answered(shop: Workshop, editor: Editor) -> None:
    if editor.name == "gemini":
        shop.durably(lambda c: services.succeeded(c, "gemini"))
