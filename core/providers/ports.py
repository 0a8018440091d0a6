"""What the pipeline asks of the outside world. Adapters raise the errors of `core.errors`, never an SDK's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from core.errors import JobError


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
    #: How the square is wanted, for an editor that frames by itself: pixels of its side, share of the product, shadow.
    size: int = 1600
    fill: float = 0.88
    shadow: bool = True


@dataclass(frozen=True)
class RawAnswer:
    """A paid answer exactly as received: stored before anyone parses it."""

    body: bytes
    media_type: str  #: `application/json` from Gemini
    share: Decimal = Decimal(1)  #: of the list price: an answer of a batch costs half
    model: str = ""  #: which was asked; empty: the editor's own


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

    @property
    def options(self) -> str:
        """What is asked beside the prompt, with its version: purchases with other options never share a picture."""
        ...

    def check(self) -> None:
        """Costs nothing. Raises StartupError naming the setting when the model or the key is not usable."""
        ...

    def buy(self, request: EditRequest) -> RawAnswer:
        """One call, no retries of its own. Raises Retryable, Permanent, PausesQueue or Ambiguous."""
        ...

    def read(self, answer: RawAnswer) -> Edit:
        """Pure. Raises Permanent or Retryable (with `usage` and `cost` among the params) when it holds no picture."""
        ...


#: What a picture of a batch costs, of its list price.
BATCH_SHARE = Decimal("0.5")


@dataclass(frozen=True)
class BatchItem:
    key: str  #: comes back with the result; unique within the batch
    request: EditRequest


@dataclass(frozen=True)
class BatchState:
    state: Literal["waiting", "succeeded", "failed", "cancelled", "expired"]
    results: str = ""  #: name of the file with the results, once there is one


@dataclass(frozen=True)
class BatchResult:
    """One item's end: an answer as a single call would have given it, or the error that such a call would raise."""

    key: str
    answer: RawAnswer | None = None
    error: JobError | None = None


class BatchEditor(Protocol):
    """Makes many pictures at half the price, some hours later. Every method raises the errors of `Editor.buy`."""

    model: str

    def upload(self, items: Iterable[BatchItem], display_name: str) -> str:
        """Hands over the requests, which costs nothing. Gives the name of their file."""
        ...

    def create(self, file_name: str, display_name: str, model: str) -> str:
        """Orders the pictures, and gives the batch's name. Not idempotent: after an unanswered call, `find` it."""
        ...

    def find(self, display_name: str) -> str | None:
        """The name of the batch that was created under this display name; None when there is none."""
        ...

    def look(self, name: str) -> BatchState: ...

    def results(self, file_name: str) -> Iterator[BatchResult]:
        """One by one, in any order. Lines that can't be read are left out."""
        ...

    def cancel(self, name: str) -> None: ...

    def delete_file(self, file_name: str) -> None:
        """Idempotent."""
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
