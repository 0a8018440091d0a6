"""The interface described for those who are signed in: OpenAPI, and a page drawn from it that loads nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse

from core.api.dependencies import reader_of_docs

router = APIRouter(include_in_schema=False, dependencies=[Depends(reader_of_docs)])

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid #8886; padding-top: 1rem; font-size: 1.1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem; }
pre { background: #8881; padding: .75rem; border-radius: .4rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; border-bottom: 1px solid #8883; }
.method { font-weight: 700; margin-right: .5rem; }
"""


@router.get("/openapi.json")
def openapi(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi(), headers=_HEADERS)


@router.get("/docs")
def page(request: Request) -> HTMLResponse:
    schema = request.app.openapi()
    base = schema["servers"][0]["url"]
    operations = "".join(
        _operation(schema, method, base + path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    return HTMLResponse(
        f'<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>API de Revelado</title><style>{_STYLE}</style><h1>API de Revelado</h1>"
        "<p>Pida un token con <code>POST /api/auth/login</code> y envíelo en las demás llamadas como"
        " <code>Authorization: Bearer …</code>. Los errores llegan como"
        ' <code>{"success": false, "message": "…"}</code>.'
        f' La descripción completa: <a href="{base}/openapi.json">openapi.json</a>.</p>{operations}</html>',
        headers=_HEADERS,
    )


def _operation(schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<h2><span class="method">{method.upper()}</span><code>{escape(path)}</code></h2>',
        f"<p><b>{escape(operation['summary'])}.</b> {escape(operation.get('description', ''))}</p>",
        *_parameters(operation),
    ]
    if "requestBody" in operation:
        parts.append(f"<h3>Cuerpo</h3>{_json(schema, operation['requestBody'])}")
    for status, response in sorted(operation["responses"].items()):
        if status.startswith("2"):
            parts.append(f"<h3>Respuesta {status}</h3>{_json(schema, response)}")
    failures = "".join(
        f"<tr><td>{status}</td><td>{escape(response['description'])}</td></tr>"
        for status, response in sorted(operation["responses"].items())
        if not status.startswith("2")
    )
    return "".join(parts) + f"<h3>Errores</h3><table>{failures}</table>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p.get('description', ''))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    if rows:
        yield f"<h3>Parámetros</h3><table>{rows}</table>"


def _json(schema: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    example = _example(schema, content["content"]["application/json"]["schema"])
    return f"<pre>{escape(json.dumps(example, ensure_ascii=False, indent=2))}</pre>"


_BY_TYPE: dict[str, object] = {"integer": 0, "number": 0.0, "string": "…", "boolean": True, "null": None}


def _example(schema: Mapping[str, Any], part: Mapping[str, Any]) -> object:
    """One value of the shape, from the examples that the fields carry."""
    if "examples" in part:
        return part["examples"][0]
    if "const" in part:
        return part["const"]
    if "$ref" in part:
        return _example(schema, schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]])
    if "anyOf" in part:
        return _example(schema, part["anyOf"][0])
    if part.get("type") == "object":
        return {name: _example(schema, field) for name, field in part.get("properties", {}).items()}
    if part.get("type") == "array":
        return [_example(schema, part["items"])]
    return _BY_TYPE.get(part.get("type", ""), "…")
