"""What is measured, and how far ahead of whom we mean to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Workload:
    """`share`: it takes the number of jobs divided by this. `goals`: least ratio ours / contender; without any, it is
    run when asked for.
    """

    name: str
    title: str
    operation: str
    batch: int
    share: int
    goals: Mapping[str, float] = field(default_factory=dict)


WORKLOADS = (
    Workload("enqueue", "bulk enqueue", "enqueue", 1, 1, {"pgqueuer": 1.5, "procrastinate": 5}),
    Workload("enqueue-once", "bulk enqueue, each with a dedup key", "enqueue-once", 1, 1),
    Workload("one", "claim + finish, one by one", "drain", 1, 10, {"procrastinate": 1.7}),
    Workload("ten", "claim + finish, batches of 10", "drain", 10, 3, {"pgqueuer": 1.3, "procrastinate": 8}),
    Workload("hundred", "claim + finish, batches of 100", "drain", 100, 1),
)
