"""When a picture goes to the shop."""

from __future__ import annotations

from typing import Literal, Protocol, cast

Publish = Literal["at_once", "if_good", "after_review"]
PUBLISH: tuple[Publish, ...] = ("at_once", "if_good", "after_review")


class _Recipe(Protocol):
    @property
    def publish(self) -> str | None: ...


def publish_policy(version: _Recipe, *, redrawn: bool, origin: str | None, adopted: bool) -> Publish:
    """The recipe's own choice; without one, as each kind of picture deserves.

    `redrawn`: the product's pixels are not the photo's. `origin`: of the batch. `adopted`: the shop worked with the
    earlier system, which published all; so do scripts written for it.
    """
    if version.publish is not None:
        return cast(Publish, version.publish)
    if adopted or origin == "api":
        return "at_once"
    return "after_review" if redrawn else "if_good"
