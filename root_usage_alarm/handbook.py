"""The pages of docs/ that are made from the code."""

from __future__ import annotations

from root_usage.verdict.findings import Code, Link

_INTRO = """\
# Findings

Made from the code by `make document`. Codes are stable: filter and suppress by them. The first finding's
ends the annotation, in brackets. All of them stand in the Lambda's log, one JSON line a run with every chain,
every finding and every AWS call, and in `make check OUTPUT=json`. What to do stands in the annotation and
beside each finding; what you see and why, symptom by symptom, in [troubleshooting](troubleshooting.md); about
root itself, in [the root user](root-user.md).
"""


def findings() -> str:
    """Every code with its meaning, link by link, as a page."""
    # What root did and holds comes behind every finding of the chain.
    links = sorted(Link, key=lambda each: (each is Link.ROOT_USER, each))
    return "\n".join([_INTRO, *map(_of_link, links)])


def _of_link(link: Link) -> str:
    rows = [f"| `{each.name}` | {each.meaning} |" for each in Code if each.link is link]
    titles = {Link.RULE: "The rule itself", Link.ACTION: "Alarm action, or target of an EventBridge rule"}
    heading = titles.get(link, link.title.capitalize())
    return "\n".join([f"## {heading}", "", "| code | meaning |", "| --- | --- |", *rows, ""])
