"""The time of a drill, which tests make pass by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """`sleep` takes seconds."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
