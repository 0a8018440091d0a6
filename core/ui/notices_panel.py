"""Avisos, at the foot of the menu: what happened since this person last looked, each with a toast when it comes."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import App
from core.notify import notices
from core.notify.notices import Notice
from core.ui import browser_notice, failure_words, formats, frame, guard, review_count, tab
from core.ui.texts import _, escape, ngettext

#: Seconds. It ticks in every open tab.
_EVERY = 20
_TOLD = "notices_told"  #: the newest notice this tab has already shown a toast of


def rhythm(actor: Actor) -> float | None:
    """Seconds between two looks: a tab out of sight goes on looking only for who wants the browser to tell."""
    wanted = actor.id is not None and notices.wants_browser(guard.app().engine, actor)
    return _EVERY if wanted else tab.every(_EVERY)


def draw(app: App, actor: Actor) -> None:
    """Within a fragment. Nothing for an actor without an account, whose notices nobody could keep."""
    if actor.id is None:
        return
    found = notices.unseen(app.engine, actor)
    fresh = _fresh(found)
    for notice in fresh[:3]:
        st.toast(escape(words(notice)), icon=_icon(notice))
    wanted = notices.wants_browser(app.engine, actor)
    browser_notice.tell(wanted, [(notice.id, words(notice)) for notice in fresh])
    label = ngettext("{n} aviso", "{n} avisos", len(found)).format(n=len(found)) if found else _("Avisos")
    with st.popover(label, icon=":material/notifications:", width="stretch", type="secondary" if found else "tertiary"):
        _list(app.engine, actor, found)
        changed = st.checkbox(_("Avisarme también con el navegador"), value=wanted, key="notices_browser")
        if changed != wanted:
            notices.set_browser(app.engine, actor, changed)
            st.rerun()
        if wanted:
            browser_notice.ask()


def _list(engine: Engine, actor: Actor, found: list[Notice]) -> None:
    if not found:
        st.markdown(escape(_("Nada nuevo. Aquí se avisa cuando termina un lote o se detiene la cola.")))
        return
    reviewing = review_count.waiting(guard.app()) > 0
    for notice in found:
        st.markdown(f"{escape(words(notice, reviewing=reviewing))}  \n:gray[{escape(formats.ago(notice.at))}]")
        if notice.kind == "batch_ended":
            st.page_link(frame.page("history"), label=_("Ver el lote"), query_params={"lote": str(notice.batch_id)})
            if notice.params.get("to_review") and reviewing:
                st.page_link(frame.page("review"), label=_("Ir a Revisión"))
        else:
            page = "failures" if notice.kind == "help_wanted" else "progress"
            st.page_link(frame.page(page), label=_("Ver qué pasó"))
    if st.button(
        ngettext("Marcar como visto", "Marcar como vistos", len(found)), key="notices_seen", icon=":material/done_all:"
    ):
        notices.mark_seen(engine, actor, found[0].id)
        st.rerun(scope="fragment")


def _fresh(found: list[Notice]) -> list[Notice]:
    """Those that came while this tab was open: the older ones are in the list, and no news."""
    newest = found[0].id if found else 0
    told = st.session_state.setdefault(_TOLD, newest)
    st.session_state[_TOLD] = max(told, newest)
    return [notice for notice in found if notice.id > told]


def words(notice: Notice, *, reviewing: bool = True) -> str:
    """`reviewing`: or whatever waited for a person has been seen to since."""
    params = notice.params
    if notice.kind == "batch_ended":
        name = notice.label or _("Lote {id}").format(id=notice.batch_id)
        done, failed, to_review = (int(params.get(key, 0)) for key in ("completed", "failed", "to_review"))
        to_review = to_review if reviewing else 0
        said = ngettext("Terminó «{name}»: {n} hecho", "Terminó «{name}»: {n} hechos", done)
        more = ngettext(", {n} fallido", ", {n} fallidos", failed).format(n=formats.count(failed)) if failed else ""
        in_shop = int(params.get("in_shop", 0))
        if to_review and in_shop:
            shown = ngettext(" ({n} ya en la tienda)", " ({n} ya en la tienda)", in_shop)
            more = shown.format(n=formats.count(in_shop)) + more
        if to_review:
            more += ngettext(", {n} quedó para revisar", ", {n} quedaron para revisar", to_review).format(
                n=formats.count(to_review)
            )
        return said.format(name=name, n=formats.count(done)) + more + "."
    if notice.kind == "help_wanted":
        asked = ngettext(
            "{who} pide ayuda con {n} artículo: {cause}.", "{who} pide ayuda con {n} artículos: {cause}.",
            int(params.get("count", 0)),
        )  # fmt: skip
        title = failure_words.of(str(params.get("cause", ""))).title
        return asked.format(who=params.get("by", ""), n=formats.count(int(params.get("count", 0))), cause=title)
    return _("La cola se detuvo: {reason}").format(reason=params.get("reason", ""))


def _icon(notice: Notice) -> str:
    return {
        "batch_ended": ":material/check_circle:",
        "queue_paused": ":material/pause_circle:",
        "help_wanted": ":material/support_agent:",
    }[notice.kind]
