"""The zips: what is in them, and that the same files make the same bytes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from root_usage_alarm.deployment import names, package
from root_usage_alarm.deployment.package import build_code, code_files, pins


def test_code_zip_holds_the_handler_and_its_package_and_nothing_else(tmp_path: Path) -> None:
    entries = zipfile.ZipFile(build_code(tmp_path / "code.zip")).namelist()

    assert entries[0] == "RootUsageAlarmRule.py"
    assert "root_usage/chain/walk.py" in entries
    assert [each for each in entries[1:] if not each.startswith("root_usage/")] == []
    assert [each for each in entries if not each.endswith(".py") or "test" in each] == []


def test_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first = build_code(tmp_path / "first.zip").read_bytes()
    for path in code_files().values():
        path.touch()

    assert build_code(tmp_path / "second.zip").read_bytes() == first


INSTALLED = {
    "rdklib/__init__.py": "",
    "rdklib/__pycache__/__init__.cpython-311.pyc": "",
    "rdklib-0.3.10.dist-info/RECORD": "",
    "rdklib-0.3.10.dist-info/licenses/LICENSE": "Apache",
    "bin/jp.py": "",
}


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The locks that were installed, each by INSTALLED with times and modes of its own."""
    locks: list[Path] = []

    def install(lock: Path, folder: Path) -> None:
        locks.append(lock)
        for name, text in INSTALLED.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
            (folder / name).chmod(0o600 + len(locks))
            os.utime(folder / name, (len(locks), len(locks)))

    monkeypatch.setattr(package, "_install", install)
    monkeypatch.setattr(names, "BUILD", tmp_path / "build")
    return locks


def test_layer_leaves_out_what_differs_from_machine_to_machine(installs: list[Path], tmp_path: Path) -> None:
    layer = zipfile.ZipFile(package.build_layer(tmp_path / "layer.zip"))

    assert installs == [package.LOCK]
    assert layer.namelist() == [
        "python/rdklib-0.3.10.dist-info/licenses/LICENSE",
        "python/rdklib/__init__.py",
    ]


def test_same_libraries_make_the_same_bytes(installs: list[Path], tmp_path: Path) -> None:
    first, second = (package.build_layer(tmp_path / f"{each}.zip") for each in ("first", "second"))

    assert len(installs) == 2
    assert second.read_bytes() == first.read_bytes()
    assert {each.compress_type for each in zipfile.ZipFile(first).infolist()} == {zipfile.ZIP_STORED}


def test_digest_is_written_as_lambda_writes_it(tmp_path: Path) -> None:
    """The SHA-256 of nothing, e3b0c442..., in base64."""
    (tmp_path / "empty").touch()

    assert package.sha256_base64(tmp_path / "empty") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_layer_is_built_again_only_when_its_lock_changes(
    installs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = package.cached_layer(), package.cached_layer()
    monkeypatch.setattr(package, "LOCK", tmp_path / "other.txt")
    package.LOCK.write_text("six==1.0\n")

    assert again == first
    assert package.cached_layer() != first
    assert len(installs) == 2


def test_every_library_of_the_layer_is_pinned_by_digest_in_the_version_that_is_tested() -> None:
    """pip then takes nothing without one: https://pip.pypa.io/en/stable/topics/secure-installs/"""
    logical_lines = package.LOCK.read_text().replace("\\\n", " ").splitlines()
    tested = (names.ROOT / "requirements.txt").read_text().splitlines()

    assert [line for line in logical_lines if "--hash=sha256:" not in line] == []
    assert [line.split()[0] for line in logical_lines] == pins()
    assert [each for each in pins() if each not in tested] == []
    assert [each.partition("==")[0] for each in pins()] == [
        "boto3",
        "botocore",
        "jmespath",
        "python-dateutil",
        "rdklib",
        "s3transfer",
        "six",
        "urllib3",
    ]
