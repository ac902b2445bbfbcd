"""Builds the documents, templates and pages; with `--check`, only says whether the committed ones are built.

Committed is what a person reads, or hands over by its path. A template that embeds a document would hold
it once more: it goes to build/templates.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import handbook
from .deployment import central, foundation, member, names, repair, single, watch
from .remediation.documents import remediation, root_credentials

DOCUMENTS_FOLDER = Path(__file__).parent / "remediation"
BUILT_TEMPLATES = names.BUILD / "templates"

DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "root-usage-alarm.json": remediation,
    "root-credentials.json": root_credentials,
}
TEMPLATES: dict[str, Callable[[], dict[str, Any]]] = {
    "foundation": foundation.template,
    "remediation": repair.template,
    "root-credentials": repair.credentials_template,
    "watch": watch.template,
    "single-account": single.template,
    "code": central.code_template,
    "organization": central.template,
    "member": member.template,
    "conformance-pack": member.conformance_pack,
    "conformance-pack-prerequisites": member.prerequisites,
    "reading-role": central.reading_role_template,
    "check-role": central.check_role_template,
    "aggregator": central.aggregator_template,
    "authorization": central.authorization_template,
}
PAGES: dict[str, Callable[[], str]] = {"findings.md": handbook.findings}
NOT_COMMITTED = {"remediation", "single-account", "member", "conformance-pack-prerequisites"}


def main(arguments: list[str]) -> int:
    """Builds and prints the sizes; the number of those that weren't as built, if checking."""
    made = [(DOCUMENTS_FOLDER / name, text_of(make())) for name, make in DOCUMENTS.items()]
    made += [(template_path(name), text_of(make())) for name, make in TEMPLATES.items()]
    made += [(names.ROOT / "docs" / name, make()) for name, make in PAGES.items()]
    stale = 0
    for path, text in made:
        shown = path.relative_to(names.ROOT)
        if "--check" not in arguments or path.parent == BUILT_TEMPLATES:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"{shown} isn't what its source says: run `make document`")
        print(f"{shown}: {len(text):,} bytes")
    most, without_bucket = names.MOST_DOCUMENT_BYTES, names.MOST_TEMPLATE_BYTES
    print(f"a document takes {most:,}, a template without a bucket {without_bucket:,}")
    return stale


def template_path(name: str) -> Path:
    folder = BUILT_TEMPLATES if name in NOT_COMMITTED else names.TEMPLATES
    return folder / f"{name}.template.json"


def text_of(content: dict[str, Any]) -> str:
    """A line per member, for people and for `git diff`; a document is short of room, so it isn't indented."""
    return json.dumps(content, indent=0 if "schemaVersion" in content else 1) + "\n"


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
