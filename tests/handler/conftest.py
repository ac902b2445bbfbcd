"""An empty local AWS for each test, and the account that the rule evaluates in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from root_usage import examine
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import Finding
from root_usage.verdict.outcome import NotTold, Verdict

from tests.handler.remedies import with_long_names, without_remedy


@pytest.fixture(autouse=True)
def every_remedy_is_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No finding that a test leads to loses its remedy, wherever its resource is and whatever its name."""
    seen: dict[Finding, None] = {}

    def watched(verdict: Verdict, *more: str) -> str:
        seen.update(dict.fromkeys(verdict.findings if isinstance(verdict, NotTold) else ()))
        return annotation_of(verdict, *more)

    monkeypatch.setattr(examine, "annotation_of", watched)
    yield
    assert without_remedy([*seen, *map(with_long_names, seen)]) == []
