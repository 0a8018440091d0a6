"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from core.access import sessions
from core.access.sign_in import sign_in
from core.api.dependencies import CurrentActor, TheApp, Token
from core.api.schemas import BODY_FAILURES, FAILURES, Answer, Credentials, Done, Failure, TokenData

router = APIRouter(prefix="/auth", tags=["Sesión"], responses=FAILURES)


@router.post(
    "/login",
    summary="Iniciar sesión",
    responses={
        **BODY_FAILURES,
        403: {"model": Failure, "description": "La contraseña es de un solo uso: cámbiela en el panel"},
        429: {
            "model": Failure,
            "description": "Demasiados intentos fallidos; Retry-After dice cuántos segundos esperar",
        },
    },
)
def login(request: Request, response: Response, app: TheApp, credentials: Credentials) -> Answer[TokenData]:
    """Da el token que piden las demás llamadas."""
    token = sign_in(
        app.engine,
        credentials.email,
        credentials.password,
        ip=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        kind="api",
        code=credentials.codigo,
    )
    response.headers["Cache-Control"] = "no-store"
    return Answer(data=TokenData(token=token))


@router.post("/logout", summary="Cerrar sesión")
def logout(app: TheApp, token: Token, _: CurrentActor) -> Done:
    """El token deja de valer."""
    sessions.revoke(app.engine, token)
    return Done(message="Sesión cerrada")
