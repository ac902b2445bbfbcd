"""What a release needs beforehand, and what it hands over."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from root_usage_alarm.release import NotReady, changes_of, collect

CHANGELOG = """# Changelog

## 0.2.0, 2026-12-01

- The second.

## 0.1.0, not released yet

- The first.
"""


def test_changes_are_those_of_the_version() -> None:
    assert changes_of("0.2.0", CHANGELOG) == "- The second."


@pytest.mark.parametrize("version", ["0.1.0", "0.3.0", "0.2"])
def test_version_without_a_dated_section_is_not_released(version: str) -> None:
    with pytest.raises(NotReady, match=f"no section `## {version}, YYYY-MM-DD`"):
        changes_of(version, CHANGELOG)


def test_assets_come_with_their_checksums_and_nothing_older(tmp_path: Path) -> None:
    asset, folder = tmp_path / "rule.zip", tmp_path / "release"
    asset.write_bytes(b"zip")
    folder.mkdir()
    (folder / "older.zip").write_bytes(b"")

    collect([asset], folder)

    assert {each.name for each in folder.iterdir()} == {"rule.zip", "SHA256SUMS"}
    digest = hashlib.sha256(b"zip").hexdigest()
    assert (folder / "SHA256SUMS").read_text() == f"{digest}  rule.zip\n"
