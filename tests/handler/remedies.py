"""Whether an annotation still says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import QUOTED, Finding
from root_usage.verdict.outcome import NotTold

from tests.handler.evaluation import OTHER_ACCOUNT_ID


def without_remedy(findings: Iterable[Finding]) -> list[str]:
    """The annotations that are left without one, each finding leading in its turn, here and elsewhere."""
    places = [each for finding in findings for each in (finding, _elsewhere(finding))]
    annotations = [(each, annotation_of(NotTold((each,)))) for each in places]
    return [annotation for each, annotation in annotations if not _says(annotation, each.remedy)]


def with_long_names(finding: Finding) -> Finding:
    """The finding, with as long a name as AWS allows wherever it quotes the customer."""
    name = f"`{'n' * 255}`"
    short = finding.short_message and QUOTED.sub(name, finding.short_message)
    return replace(
        finding,
        message=QUOTED.sub(name, finding.message),
        remedy=QUOTED.sub(name, finding.remedy),
        short_message=short,
    )


def _elsewhere(finding: Finding) -> Finding:
    return replace(finding, account_id=finding.account_id or OTHER_ACCOUNT_ID)


def _says(annotation: str, remedy: str) -> bool:
    order = remedy[:1].upper() + remedy[1:]
    return QUOTED.sub("``", order) in QUOTED.sub("``", annotation)
