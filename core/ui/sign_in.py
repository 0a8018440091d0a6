"""Signing in: streamlit-authenticator draws the form, `core.access` decides, our own HttpOnly cookie remembers.

The library's own cookie can be read by scripts and can't be revoked, so neither it nor its password check is used.
"""

from __future__ import annotations

import html
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit_authenticator import Authenticate

from core.access import invitations, sessions, vouched
from core.access.invitations import InvitationOver
from core.access.second_factor import CodeNeeded
from core.access.sessions import Session
from core.access.sign_in import SignInLocked, sign_in
from core.config import MIN_PASSWORD
from core.errors import AppError, OidcFailed
from core.ui import clock_words, components, errors, guard, password_form, retouch
from core.ui.texts import _, escape

#: Where signing in with another provider begins, and how the address says why it failed (`core.ui.oidc`).
START, WHY = "/auth/oidc", "entrada"
#: Seconds a ticket works, less what the browser needs to come back with it.
_TICKET_LIFE = 25
_AS_BUTTON = (
    "display:inline-block;padding:.5rem .8rem;border:1px solid light-dark(#E6E2DC, #33373D);border-radius:8px;"
    "color:inherit;text-decoration:none"
)
#: The library draws its button like any other, and it is the one to press.
_MAIN_BUTTON = f"""<style>
[data-testid="stForm"] [data-testid="stBaseButton-secondaryFormSubmit"]:not(:disabled) {{
  background: {components.ACCENT_CSS}; border-color: {components.ACCENT_CSS}; color: {retouch.INK};
}}
[data-testid="stForm"] [data-testid="stBaseButton-secondaryFormSubmit"]:not(:disabled):hover {{ filter: brightness(.92); }}
</style>"""
_TICKET_KEY, _WELCOME, _PASSED = "_ticket", "_welcome", "_passed"
_PATIENCE = 300  #: seconds between password and code

_hand_over = st.components.v2.component(
    "revelado_sesion",
    js="""
const sent = new Set();
export default function ({ data }) {
  if (sent.has(data.ticket)) return;
  sent.add(data.ticket);
  fetch("/auth/sesion", { method: "POST", headers: { "X-Revelado": "1" }, body: data.ticket }).then(() => {
    load();
    setTimeout(load, 1500);
  });
}
// Pictures are for who has the cookie: those that the page asked for before it came are asked for again.
function load() {
  for (const image of document.images) {
    if (image.complete && !image.naturalWidth && image.src.startsWith(`${location.origin}/fotos/`)) image.src = image.src;
  }
}
""",
)


class _NoCookie:
    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Decision:
    """Stands in for the library's controller: the same call, our answer."""

    def login(self, email: str | None, password: str | None, *_args: Any, **_options: Any) -> bool:
        if not email or not password:
            st.error(_("Escriba su correo y su contraseña."))
            return False
        return _enter(email, password)


def _enter(email: str, password: str, code: str = "") -> bool:
    agent = st.context.headers.get("User-Agent")
    try:
        token = sign_in(
            guard.app().engine,
            email,
            password,
            ip=guard.address() or "",
            user_agent=agent if isinstance(agent, str) else "",
            kind="panel",
            code=code,
            device=guard.device(),
        )
    except CodeNeeded:
        st.session_state[_PASSED] = (email, password, time.monotonic())
        return False
    except SignInLocked as locked:
        st.error(
            escape(_("Demasiados intentos. Vuelva a intentar {at}.").format(at=clock_words.at(locked.until))),
            icon=":material/lock_clock:",
        )
        return False
    except AppError as refused:
        errors.show(refused)
        return False
    st.session_state[guard.TOKEN_KEY] = token
    st.session_state[_TICKET_KEY] = (sessions.issue_ticket(guard.app().engine, token), time.monotonic())
    return True


def draw() -> None:
    """The sign-in page. Runs the page again once somebody is in, at the address they asked for."""
    _left, middle, _right = st.columns([1, 1.2, 1])
    with middle:
        if token := st.query_params.get("invitacion"):
            _invited(token)
            return
        components.header(_("Revelado"), _("Fotos de catálogo limpias, en cantidad."))
        if email := st.session_state.pop(_WELCOME, None):
            st.success(escape(_("Listo. Entre con {email} y su contraseña nueva.").format(email=email)))
        if passed := st.session_state.get(_PASSED):
            _second_step(*passed)
            return
        # Without __init__, which mounts an iframe to keep the library's cookie.
        form = Authenticate.__new__(Authenticate)
        form.path = None
        form.attrs = {"login_sleep_time": 0}
        form.cookie_controller = _NoCookie()
        form.authentication_controller = _Decision()
        form.login(
            fields={
                "Form name": _("Entrar"),
                "Username": _("Correo"),
                "Password": _("Contraseña"),
                "Login": _("Entrar"),
            },
            key="sign_in",
        )
        st.html(_MAIN_BUTTON)
        st.markdown(escape(_("Si olvidó su contraseña, pida otra a un administrador.")))
        _elsewhere()
    if _PASSED in st.session_state or (guard.TOKEN_KEY in st.session_state and guard.current() is not None):
        st.rerun()


def _elsewhere() -> None:
    """The way to the provider, and why the last try there failed."""
    provider = guard.app().oidc
    if provider is None:
        return
    why = {error.code: error for error in (vouched.NoSuchUser, vouched.NoEmail, vouched.SecondStepHere, OidcFailed)}
    code = st.query_params.get(WHY, "")
    if found := why.get(code):
        errors.show(found(provider=provider.name))
    elif code == vouched.SwitchedOff.code:
        errors.show(vouched.SwitchedOff())
    page = urlsplit(st.context.url or "")
    query = "" if WHY in st.query_params or not page.query else f"?{page.query}"
    address = f"{START}?{urlencode({'a': (page.path or '/') + query})}"
    words = html.escape(_("Entrar con {provider}").format(provider=provider.name))
    st.html(f'<a href="{html.escape(address)}" target="_self" style="{_AS_BUTTON}">{words}</a>')


def _second_step(email: str, password: str, since: float) -> None:
    """The code of the phone. What was typed before waits in this process's memory, for minutes."""
    if time.monotonic() - since > _PATIENCE:
        del st.session_state[_PASSED]
        st.rerun()
    with st.form("second_step"):
        code = st.text_input(
            _("Código de seis cifras de su teléfono, o uno de recuperación"), max_chars=40, autocomplete="one-time-code"
        )
        sent = st.form_submit_button(_("Entrar"), type="primary")
    if st.button(_("Volver"), key="second_step_back"):
        del st.session_state[_PASSED]
        st.rerun()
    if sent and code and _enter(email, password, code):
        del st.session_state[_PASSED]
        st.rerun()


def _invited(token: str) -> None:
    """Whoever holds the link chooses the password of a new account."""
    engine = guard.app().engine
    who = invitations.who(engine, token)
    if who is None:
        errors.show(InvitationOver())
        if st.button(_("Ir a la entrada"), key="invitation_over"):
            st.query_params.clear()
            st.rerun()
        return
    components.header(
        _("Bienvenido a Revelado"),
        _(
            "{name}, elija una contraseña de {n} caracteres o más que no use en otro lugar. Su usuario es {email}."
        ).format(name=who.name, n=MIN_PASSWORD, email=who.email),
    )
    chosen = password_form.draw("accept_invitation", _("Guardar contraseña"), asks_current=False)
    if chosen is None:
        return
    try:
        st.session_state[_WELCOME] = invitations.accept(engine, token, chosen[1], guard.address() or "")
    except AppError as refused:
        errors.show(refused)
        return
    st.query_params.clear()
    st.rerun()


def hand_over_cookie() -> None:
    """Mounted after a sign-in: the browser exchanges the one-time ticket for the cookie."""
    ticket, made = st.session_state.get(_TICKET_KEY, ("", 0.0))
    if not ticket:
        return
    if time.monotonic() - made > _TICKET_LIFE:
        del st.session_state[_TICKET_KEY]
        return
    _hand_over(key="hand_over_cookie", data={"ticket": ticket})


def change_password(session: Session) -> None:
    """The page of somebody whose password was for one use."""
    place = st.empty()
    _left, middle, _right = place.container().columns([1, 1.2, 1])
    with middle:
        components.header(
            _("Elija su contraseña"),
            _("La que usó es de un solo uso. Elija una de {n} caracteres o más que no use en otro lugar.").format(
                n=MIN_PASSWORD
            ),
        )
        chosen = password_form.draw("change_password", _("Guardar contraseña"))
        if chosen is None:
            return
        try:
            sessions.change_password(guard.app().engine, session, *chosen)
        except AppError as refused:
            errors.show(refused)
            return
        place.empty()  # or the form stays in sight under the first page until that has drawn as much
        st.rerun()
