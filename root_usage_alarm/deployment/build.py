"""Writes the templates; with `--check`, only says whether they are built."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from . import central, foundation, member, names, repair

TEMPLATES: dict[str, Callable[[], dict[str, Any]]] = {
    "foundation": foundation.template,
    "remediation": repair.template,
    "root-credentials": repair.credentials_template,
    "code": central.code_template,
    "organization": central.template,
    "member": member.template,
    "conformance-pack": member.conformance_pack,
    "conformance-pack-prerequisites": member.prerequisites,
    "log-archive": central.log_archive_template,
    "check-role": central.check_role_template,
    "aggregator": central.aggregator_template,
    "authorization": central.authorization_template,
}


def text_of(template: dict[str, Any]) -> str:
    """The template as it is committed: a line per member, and indented where CloudFormation takes that.

    Whoever hands the file to CloudFormation without a bucket hands over its blanks as well.
    """
    indented = json.dumps(template, indent=1) + "\n"
    if len(indented.encode("utf-8")) <= names.MOST_TEMPLATE_BYTES:
        return indented
    return json.dumps(template, indent=0, separators=(",", ":")) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the templates and prints their sizes; the number of those that weren't as built, if checking."""
    stale = 0
    for name, make in TEMPLATES.items():
        text, path = text_of(make()), names.TEMPLATES / f"{name}.template.json"
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"{path.relative_to(names.ROOT)} isn't what its source says: run `make templates`")
        size = len(text.encode("utf-8"))
        print(f"{path.relative_to(names.ROOT)}: {size:,} bytes of at most {names.MOST_TEMPLATE_BYTES:,}")
    return stale


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
