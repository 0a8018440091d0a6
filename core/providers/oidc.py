"""Signing in at Google Workspace, Microsoft Entra or another OpenID provider: code flow with PKCE, by Authlib.

Not `st.login`: it keeps who somebody is in a signed cookie for thirty days, which nobody can revoke.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.config_values import Oidc
from core.errors import OidcFailed

#: Where the provider sends people back to.
RETURN = "/auth/oidc/vuelta"
_TIMEOUT = 10  #: seconds, each call
_FRESH = 3600  #: seconds that what the provider says about itself is believed
_LEEWAY = 60  #: seconds between its clock and ours
#: Signed by a key that only the provider has: neither `none` nor a shared secret.
_ALGORITHMS = ["RS256", "PS256", "ES256"]
#: One tenant of Entra. Those for any tenant (`common` …) would let a stranger's tenant say who somebody is.
_ONE_TENANT = re.compile(r"https://login\.microsoftonline\.com/[0-9a-f-]{36}/v2\.0")


@dataclass(frozen=True)
class Begun:
    """Kept by the browser until it comes back."""

    state: str
    nonce: str
    verifier: str


class OidcProvider:
    def __init__(self, settings: Oidc, public_url: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._return = public_url + RETURN
        self._lock = threading.Lock()
        self._about: dict[str, Any] = {}
        self._known_since = 0.0

    def begin(self) -> tuple[str, Begun]:
        """Where to send the browser. Raises OidcFailed."""
        begun = Begun(*(secrets.token_urlsafe(48) for _ in range(3)))
        url, _state = self._client(begun).create_authorization_url(
            self._endpoint("authorization_endpoint"), begun.state, nonce=begun.nonce, code_verifier=begun.verifier,
            prompt="select_account",
        )  # fmt: skip
        return str(url), begun

    def finish(self, begun: Begun, came_back: str) -> str | None:
        """The e-mail that the provider vouches for, if any. `came_back`: the address with its code. Raises OidcFailed."""
        try:
            token = self._client(begun).fetch_token(
                self._endpoint("token_endpoint"), authorization_response=came_back, code_verifier=begun.verifier,
                timeout=_TIMEOUT,
            )  # fmt: skip
            keys = KeySet.import_key_set({"keys": self._read(self._endpoint("jwks_uri"))["keys"]})
            claims = jwt.decode(str(token.get("id_token")), keys, algorithms=_ALGORITHMS).claims
            self._rules(begun.nonce).validate(claims)
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise OidcFailed(provider=self.name) from error
        return vouched_email(claims, self._settings.issuer)

    def _client(self, begun: Begun) -> Any:
        return OAuth2Session(
            self._settings.client_id, self._settings.client_secret, scope="openid email profile",
            redirect_uri=self._return, code_challenge_method="S256", state=begun.state,
        )  # fmt: skip

    def _rules(self, nonce: str) -> jwt.JWTClaimsRegistry:
        client = self._settings.client_id
        return jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": client},
            azp={"value": client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )

    def _endpoint(self, name: str) -> str:
        with self._lock:
            if time.monotonic() - self._known_since > _FRESH or not self._about:
                about = self._read(f"{self._settings.issuer}/.well-known/openid-configuration")
                if about.get("issuer") != self._settings.issuer:
                    raise OidcFailed(provider=self.name)
                self._about, self._known_since = about, time.monotonic()
            try:
                return str(self._about[name])
            except KeyError as error:
                raise OidcFailed(provider=self.name) from error

    def _read(self, url: str) -> dict[str, Any]:
        try:
            answer = requests.get(url, timeout=_TIMEOUT)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise OidcFailed(provider=self.name) from error
        return found


def vouched_email(claims: Mapping[str, Any], issuer: str) -> str | None:
    """Only what the provider checked: anybody may type another's address into a profile."""
    if claims.get("email_verified") is True:
        return str(claims.get("email") or "") or None
    if "email_verified" not in claims and _ONE_TENANT.fullmatch(issuer):
        # Entra says no such thing; the name for signing in is under a domain that the tenant proved to own.
        return str(claims.get("preferred_username") or "") or None
    return None
