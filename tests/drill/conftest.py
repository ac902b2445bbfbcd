"""Sessions that share what they have read of botocore's descriptions: each drill makes one of its own."""

from __future__ import annotations

import pytest
from botocore.loaders import create_loader

LOADER = create_loader()


@pytest.fixture(autouse=True)
def _reads_descriptions_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.session.create_loader", lambda _: LOADER)
