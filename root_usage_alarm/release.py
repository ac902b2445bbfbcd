"""`make release`: what a release hands over, with checksums, and its tag; if version and changelog agree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from . import __version__
from .build import DOCUMENTS, DOCUMENTS_FOLDER, TEMPLATES, template_path
from .deployment import names
from .deployment.package import sha256

FOLDER = names.BUILD / "release"
CHANGELOG = names.ROOT / "CHANGELOG.md"


class NotReady(Exception):
    """What has to be done before there can be a release."""


def changes_of(version: str, changelog: str) -> str:
    """The version's section; raises NotReady unless it is dated."""
    section = re.search(
        rf"^## {re.escape(version)}, (?P<date>.+)\n(?P<changes>(?:(?!## ).*\n?)*)", changelog, re.MULTILINE
    )
    if section is None or not re.fullmatch(r"20\d\d-\d\d-\d\d", section["date"]):
        raise NotReady(f"CHANGELOG.md has no section `## {version}, YYYY-MM-DD`")
    return section["changes"].strip()


def assets() -> list[Path]:
    """The function's zip, its layer and the layer's SBOM, the documents and the templates."""
    built = [names.BUILD / name for name in (f"{names.RULE}.zip", "libraries.zip", "libraries.cdx.json")]
    return [*built, *(DOCUMENTS_FOLDER / name for name in DOCUMENTS), *map(template_path, TEMPLATES)]


def collect(paths: Iterable[Path], folder: Path = FOLDER) -> Path:
    """Copies of them in an empty folder, and SHA256SUMS as `sha256sum --check` reads it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copies = [Path(shutil.copy(path, folder)) for path in paths]
    lines = [f"{sha256(each)}  {each.name}\n" for each in sorted(copies)]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return folder


def main() -> int:
    try:
        changes = changes_of(__version__, CHANGELOG.read_text(encoding="utf-8"))
        if _git("status", "--porcelain"):
            raise NotReady("the working tree isn't clean: commit first")
        if _git("tag", "--list", f"v{__version__}"):
            raise NotReady(f"tag v{__version__} is there already: set the next version")
    except NotReady as reason:
        print(reason, file=sys.stderr)
        return 2
    folder = collect(assets())
    _git("tag", "--annotate", f"v{__version__}", "--message", changes)
    print(f"tagged v{__version__}; its assets are in {folder.relative_to(names.ROOT)}, then: git push --tags")
    return 0


def _git(*arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=names.ROOT, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return ran.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
