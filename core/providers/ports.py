"""What the pipeline asks of the outside world. Adapters raise the errors of `core.errors`, never an SDK's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class Fetched:
    """A source photo as it came: bytes as served, not yet decoded."""

    data: bytes
    final_url: str


class Fetcher(Protocol):
    def fetch(self, url: str) -> Fetched:
        """Raises Retryable (network, 5xx, 408/423/429) or Permanent (4xx, not an address we may reach, too big)."""
        ...


@dataclass(frozen=True)
class EditRequest:
    image: bytes  #: JPEG or PNG, already upright, RGB, bounded
    media_type: str
    prompt: str
    model: str


@dataclass(frozen=True)
class RawAnswer:
    """A paid answer exactly as received: stored before anyone parses it."""

    body: bytes
    media_type: str  #: `application/json` from Gemini


@dataclass(frozen=True)
class Edit:
    """A parsed answer."""

    image: bytes
    media_type: str  #: sniffed, never the declared one
    usage: dict[str, Any] = field(default_factory=dict)
    cost: Decimal = Decimal(0)  #: US$
    doubts: tuple[str, ...] = ()  #: codes of why a person should look (`core.inspect.doubts`)
    #: False: the picture is already framed as the recipe wants it.
    needs_framing: bool = True


class Editor(Protocol):
    """Makes the catalogue picture. Buying and reading are apart, so that the raw answer is durable in between."""

    name: str  #: `gemini` | `local`
    model: str

    def check(self) -> None:
        """Costs nothing. Raises StartupError naming the setting when the model or the key is not usable."""
        ...

    def buy(self, request: EditRequest) -> RawAnswer:
        """One call, no retries of its own. Raises Retryable, Permanent, PausesQueue or Ambiguous."""
        ...

    def read(self, answer: RawAnswer) -> Edit:
        """Pure. Raises Permanent or Retryable (with `usage` and `cost` among the params) when it holds no picture."""
        ...


@dataclass(frozen=True)
class Hosted:
    """Where a picture lives. `url` is what the catalogue stores."""

    host: str  #: `cloudinary` | `local`
    public_id: str
    url: str
    asset_id: str = ""
    version: str = ""
    etag: str = ""  #: md5 of the stored bytes
    existing: bool = False  #: it was there already: this upload changed nothing


class Host(Protocol):
    name: str

    def check(self) -> None: ...

    def upload(self, image: bytes, public_id: str, media_type: str) -> Hosted:
        """Never overwrites. The same id again gives the asset that is there (`existing=True`).

        Raises Permanent when the bytes there are others, Retryable or PausesQueue otherwise.
        """
        ...

    def delete(self, public_id: str) -> bool:
        """Idempotent; False when it was gone already."""
        ...
