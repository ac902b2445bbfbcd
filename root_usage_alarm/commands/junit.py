"""The results as JUnit XML, which CI systems show as tests: one for each account, region and rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from .account_results import AccountResult

# XML has no way to write these: https://www.w3.org/TR/xml/#charsets
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(results: Sequence[AccountResult], now: datetime) -> str:
    """COMPLIANT passes, NON_COMPLIANT fails, an account without a result is an error.

    Skipped is what is accepted, with its reason, and what is NOT_APPLICABLE.
    """
    kinds = Counter(_kind(each) for each in results)
    suite = ET.Element(
        "testsuite",
        name="root-usage-alarm",
        timestamp=now.isoformat(timespec="seconds"),
        tests=str(len(results)),
        failures=str(kinds["failure"]),
        errors=str(kinds["error"]),
        skipped=str(kinds["skipped"]),
    )
    for each in results:
        name = f"{each.account_id} {each.name}".strip()
        where = ".".join(filter(None, ("root-usage-alarm", each.region, each.rule)))
        case = ET.SubElement(suite, "testcase", classname=where, name=_clean(name))
        if kind := _kind(each):
            said = "; ".join(filter(None, (each.accepted, each.note or each.annotation)))
            found = ET.SubElement(case, kind, message=_clean(said))
            if kind != "skipped":
                found.set("type", each.code or each.compliance_type)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode")


def _kind(result: AccountResult) -> str:
    match result.compliance_type:
        case "COMPLIANT":
            return ""
        case "NON_COMPLIANT":
            return "skipped" if result.accepted else "failure"
        case "NOT_APPLICABLE":
            return "skipped"
        case _:
            return "error"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
