"""The Lambda's zip and its layer's, the same bytes from the same files."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import root_usage

from . import names

PACKAGE = Path(root_usage.__file__).resolve().parent

# What the layer holds, each with the digests that PyPI publishes; pip installs nothing else from it.
# boto3 is among them since the rule reads what older ones don't know: alarm mute rules, log alarms.
LOCK = names.ROOT / "requirements-layer.txt"

OLDEST = (1980, 1, 1, 0, 0, 0)  # a zip can't tell of any time before
READABLE = 0o100644 << 16


def main() -> None:
    """Builds both, and prints what the function consists of; the libraries are too many files."""
    code, libraries = build_code(), build_layer()
    for path in (code, libraries):
        print(f"{path.relative_to(names.BUILD.parent)}  {path.stat().st_size} bytes  sha256 {sha256(path)}")
    for entry in zipfile.ZipFile(code).infolist():
        print(f"{entry.file_size:>8}  {entry.filename}")


def build_code(target: Path = names.BUILD / f"{names.RULE}.zip") -> Path:
    """The function's code and nothing else: no tests, no JSON, no caches."""
    return _zip(target, code_files())


def code_files() -> dict[str, Path]:
    """The files of the function, by their names in the zip."""
    handler = names.RULE_FOLDER / f"{names.RULE}.py"
    modules = {path.relative_to(PACKAGE.parent).as_posix(): path for path in PACKAGE.rglob("*.py")}
    return {handler.name: handler, **modules}


def build_layer(target: Path = names.BUILD / "libraries.zip") -> Path:
    """The libraries of the function, under `python/` as Lambda wants them.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    with tempfile.TemporaryDirectory() as folder:
        _install(LOCK, Path(folder))
        files = {f"python/{name}": path for name, path in _library_files(Path(folder))}
        return _zip(target, files)


def cached_layer() -> Path:
    """The layer, built only where no build of the same lock by the same code is there yet."""
    made_from = LOCK.read_bytes() + Path(__file__).read_bytes()
    path = names.BUILD / f"libraries-{hashlib.sha256(made_from).hexdigest()[:16]}.zip"
    return path if path.exists() else build_layer(path)


def pins() -> list[str]:
    """`name==version` for each library of the layer."""
    return re.findall(r"^[a-z0-9-]+==[^\s\\;]+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sha256_base64(path: Path) -> str:
    """As Lambda writes it: https://docs.aws.amazon.com/lambda/latest/api/API_LayerVersionContentOutput.html"""
    return base64.b64encode(bytes.fromhex(sha256(path))).decode()


def _install(lock: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # All of them are pure Python, so one wheel does for every platform of Lambda.
    options = ["--no-deps", "--no-compile", "--only-binary", ":all:", "--target", str(folder)]
    subprocess.run([*command, *options, "--requirement", str(lock)], check=True)  # noqa: S603 our own interpreter


def _library_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        # pip's own notes differ from machine to machine; scripts have no use in a layer.
        is_note = ".dist-info/" in name and not name.rpartition("/")[2].startswith(("LICENSE", "NOTICE"))
        if path.is_file() and not is_note and not name.startswith("bin/") and "__pycache__" not in name:
            yield name, path


def _zip(target: Path, files: dict[str, Path]) -> Path:
    """Not compressed: what zlib makes of the same bytes differs between its releases."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Whole at once, as another deployment may be reading it.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.external_attr = READABLE
            entry.create_system = 3  # Unix, wherever this runs
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_STORED)
    return unfinished.replace(target)


if __name__ == "__main__":
    main()
