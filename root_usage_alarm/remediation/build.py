"""Builds the documents; with `--check`, only says whether they are built."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .documents import remediation, root_credentials

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]

DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "root-usage-alarm.json": remediation,
    "root-credentials.json": root_credentials,
}

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (TemplateBody)
TEMPLATE_LIMIT = 51_200
# What rdk puts into a rule's template beside the document (rule, function, role, remediation), without
# the blanks that it writes. rdk would indent the document, too, and exceed the limit: so our own template
# deploys it, and `SSMAutomation` stays out of parameters.json.
RULE_TEMPLATE = 7_500
DOCUMENT_LIMIT = 40_000


def text_of(document: dict[str, Any]) -> str:
    """The document as it is committed: a line per member, for people and for `git diff`."""
    return json.dumps(document, indent=1) + "\n"


def size_of(document: dict[str, Any]) -> int:
    """The bytes that the document takes in a template."""
    return len(json.dumps(document, separators=(",", ":")).encode())


def main(arguments: list[str]) -> int:
    """Writes the documents and prints their sizes; the number of those that weren't as built, if checking."""
    stale = 0
    for name, make in DOCUMENTS.items():
        document, path = make(), FOLDER / name
        if "--check" not in arguments:
            path.write_text(text_of(document), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text_of(document):
            stale += 1
            print(f"{path.relative_to(ROOT)} isn't what its source says: run `make document`")
        size = size_of(document)
        print(
            f"{path.relative_to(ROOT)}: {size:,} bytes; with the rule's template about "
            f"{size + RULE_TEMPLATE:,} of CloudFormation's {TEMPLATE_LIMIT:,}"
        )
    return stale


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
