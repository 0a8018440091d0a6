"""The REST interface, to be mounted at `/api`."""

from __future__ import annotations

from fastapi import FastAPI

from core.api import docs, errors, routes_articles, routes_auth, routes_queue
from core.api.body_limit import BodyLimit
from core.bootstrap import App

MOUNTED_AT = "/api"


def create_api(app: App) -> FastAPI:
    api = FastAPI(
        title="Revelado",
        summary="Fotos de catálogo limpias, a partir de fotos de producto",
        version="1",
        servers=[{"url": MOUNTED_AT}],
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,  # docs.py serves it, to signed-in users
    )
    api.state.app = app
    api.add_middleware(BodyLimit)
    errors.install(api)
    # The queue first: its paths are longer ones under the articles'.
    for router in (routes_auth.router, routes_queue.router, routes_articles.router, docs.router):
        api.include_router(router)
    return api
