"""A synchronous client of the `/__*` paths, the same for an emulator in this process and for one in its own."""

from __future__ import annotations

from typing import Any

import urllib3

from tests.emulators.faults import Fault, drawn_as

#: A kept connection may be closed by the server, for its idleness, in the moment in which it is used again.
_CLOSE = {"Connection": "close"}


class EmulatorControl:
    """Controls the emulator at `base_url`. Every method raises AssertionError when it says no."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = urllib3.PoolManager(retries=False, timeout=70)

    def add_faults(self, *faults: Fault) -> None:
        self._call("POST", "/__faults", json=[fault.to_json() for fault in faults])

    def draw(self, kind: str, *, article: str = "", times: int = 1) -> None:
        """Gemini: the next `times` pictures (0: all from now on), of this article if one is named, are of this kind.

        Kinds are `images.KINDS`: `redraw` is faithful, `digit_changed`, `mirrored` and so on are broken.
        """
        self.add_faults(drawn_as(kind, contains=article, times=times))

    def clear_faults(self) -> None:
        """Held calls go on."""
        self._call("DELETE", "/__faults")

    def faults(self) -> list[dict[str, Any]]:
        """Each with how many calls it has `seen` and `struck`."""
        found: list[dict[str, Any]] = self._call("GET", "/__faults")
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """What was billed, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", "/__ledger")
        return found

    def requests(self, route: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "/__requests", fields={"route": route} if route else None)[
            "requests"
        ]
        return found

    def count(self, route: str) -> int:
        counts: dict[str, int] = self._call("GET", "/__requests", fields={"route": "none"})["by_route"]
        return counts.get(route, 0)

    def set(self, **settings: Any) -> None:
        self._call("POST", "/__settings", json=settings)

    def release(self) -> None:
        """Lets every held or delayed call go on."""
        self._call("POST", "/__release")

    def reset(self) -> None:
        """As new: no faults, records, assets, files or photos."""
        self._call("POST", "/__reset")

    def wait(
        self, *, held: int = 0, ledger: int = 0, requests: int = 0, route: str | None = None, timeout: float = 10
    ) -> None:
        """Returns once there are that many; raises TimeoutError after `timeout` seconds."""
        fields: dict[str, Any] = {"held": held, "ledger": ledger, "requests": requests, "timeout": timeout}
        if route:
            fields["route"] = route
        response = self._http.request("GET", f"{self.base_url}/__wait", fields=fields)
        if response.status == 408:
            raise TimeoutError(f"not reached in {timeout} s: {fields}")

    # ── one service's own ───────────────────────────────────────────────────────────────────────────────────────────

    def force_batch(self, name: str, state: str) -> None:
        """Gemini: `BATCH_STATE_EXPIRED` and the like."""
        self._call("POST", "/__batches", json={"name": name, "state": state})

    def assets(self) -> list[dict[str, Any]]:
        """Cloudinary: what an upload answers, for every asset there is."""
        found: list[dict[str, Any]] = self._call("GET", "/__assets")
        return found

    def cdn(self) -> dict[str, dict[str, Any]]:
        """Cloudinary: `public_id`, `etag` and `hits` of each URL's copy."""
        found: dict[str, dict[str, Any]] = self._call("GET", "/__cdn")
        return found

    def purge_cdn(self, public_id: str = "") -> None:
        self._call("DELETE", "/__cdn", fields={"public_id": public_id} if public_id else None)

    def add_photo(self, name: str, data: bytes, media_type: str = "image/jpeg") -> str:
        """Photos: returns its URL."""
        url: str = self._call("PUT", f"/__photos/{name}", body=data, headers={"content-type": media_type})["url"]
        return url

    def remove_photo(self, name: str) -> None:
        self._call("DELETE", f"/__photos/{name}")

    def get(self, path_or_url: str) -> urllib3.BaseHTTPResponse:
        """A plain GET, redirects not followed: how a browser sees a picture."""
        url = path_or_url if path_or_url.startswith("http") else f"{self.base_url}{path_or_url}"
        return self._http.request("GET", url, redirect=False, headers=_CLOSE)

    def close(self) -> None:
        self._http.clear()

    def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
        headers = {**(headers or {}), **_CLOSE}
        response = self._http.request(method, f"{self.base_url}{path}", headers=headers, **options)
        assert response.status == 200, f"{method} {path}: {response.status} {response.data.decode()}"
        return response.json()
