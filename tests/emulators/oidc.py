"""An OpenID provider: discovery, authorize (whoever `email` says is there agrees at once), token, keys."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import Any, ClassVar
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.base import Emulator, Refusal

CLIENT, SECRET = "revelado-tests", "secreto-del-cliente"


class OidcEmulator(Emulator):
    """`claims`: over those that are right; `key`: `other` signs with one that isn't published, `none` not at all."""

    defaults: ClassVar[dict[str, Any]] = {"email": "ana@x.co", "claims": {}, "key": "ours"}

    def __init__(self) -> None:
        super().__init__()
        self._ours = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self._other = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self._asked: dict[str, dict[str, str]] = {}

    def service_routes(self) -> list[Route]:
        return [
            self.route("/.well-known/openid-configuration", self._about, "about", "GET"),
            self.route("/authorize", self._authorize, "authorize", "GET"),
            self.route("/token", self._token, "token", "POST"),
            self.route("/keys", self._keys, "keys", "GET"),
        ]

    async def _about(self, request: Request) -> Response:
        here = _issuer(request)
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": here, **{name: f"{here}/{path}" for name, path in paths.items()}})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            raise Refusal(JSONResponse({"error": "invalid_request"}, 400))
        code = secrets.token_urlsafe()
        self._asked[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._asked.pop(str(form.get("code")), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        if request.headers.get("authorization") != f"Basic {basic}":
            raise Refusal(JSONResponse({"error": "invalid_client"}, 401))
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            raise Refusal(JSONResponse({"error": "invalid_grant"}, 400))
        now = int(time.time())
        claims = {
            "iss": _issuer(request), "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": self.settings["email"], "email_verified": True, **self.settings["claims"],
        }  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._signed(told)})

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.settings["key"] == "none":
            parts = (b'{"alg":"none"}', json.dumps(claims).encode())
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        key = self._other if self.settings["key"] == "other" else self._ours
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._ours.as_dict(private=False)]})


def _issuer(request: Request) -> str:
    return str(request.base_url).rstrip("/")
