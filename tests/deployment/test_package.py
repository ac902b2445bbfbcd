"""The zips: what is in them, and that the same files make the same bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from root_usage_alarm.deployment import names, package
from root_usage_alarm.deployment.package import NotPinned, build_code, code_files, pins

REST = ["rdklib==3", "s3transfer==4", "six==5", "urllib3==6"]


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


def test_layer_leaves_out_what_differs_from_machine_to_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {
        "rdklib/__init__.py": "",
        "rdklib/__pycache__/__init__.cpython-311.pyc": "",
        "rdklib-0.3.10.dist-info/RECORD": "",
        "rdklib-0.3.10.dist-info/licenses/LICENSE": "Apache",
        "bin/jp.py": "",
    }

    def install(_: list[str], folder: Path) -> None:
        for name, text in installed.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    monkeypatch.setattr(package, "_install", install)
    monkeypatch.setattr(names, "BUILD", tmp_path)

    layer = zipfile.ZipFile(package.build_layer(tmp_path / "layer.zip"))

    assert layer.namelist() == [
        "python/rdklib-0.3.10.dist-info/licenses/LICENSE",
        "python/rdklib/__init__.py",
    ]


def test_layer_has_the_versions_of_requirements_txt() -> None:
    text = "\n".join(["boto3==2.0", "botocore==2.1", "jmespath==1", "python-dateutil==2 ; x", *REST])

    assert pins(text) == [
        "rdklib==3",
        "boto3==2.0",
        "botocore==2.1",
        "jmespath==1",
        "python-dateutil==2",
        "s3transfer==4",
        "six==5",
        "urllib3==6",
    ]


def test_library_without_a_version_is_an_error() -> None:
    with pytest.raises(NotPinned, match=r"requirements\.txt has no version of botocore, jmespath"):
        pins("\n".join(["boto3==2", "python-dateutil==2", *REST]))
