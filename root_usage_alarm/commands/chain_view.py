"""Draws an examination for people: link by link, with a mark each, then the hole and the remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from rich.console import Console
from rich.text import Text
from root_usage.examine import Account, Examination
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import Code, Finding, Link
from root_usage.verdict.outcome import Chain, NotTold, ReportedElsewhere, Told, Verdict, compliance_type

from ..desk.accepted import Accepted
from .hanging import draw_hanging

STYLES = {"COMPLIANT": "bold green", "NON_COMPLIANT": "bold red", "NOT_APPLICABLE": "bold yellow"}

NOTHING: Mapping[Code, Accepted] = MappingProxyType({})


def draw(
    console: Console,
    account: Account,
    examination: Examination,
    alias: str = "",
    accepted: Mapping[Code, Accepted] = NOTHING,
) -> None:
    """Prints the whole verdict; nothing that the customer named is read as markup."""
    verdict = examination.verdict
    compliance = compliance_type(verdict)
    name = f" ({alias})" if alias else ""
    console.print(Text.assemble(f"account {account.account_id}{name}  ", (compliance, STYLES[compliance])))
    draw_verdict(console, verdict, accepted)


def draw_verdict(console: Console, verdict: Verdict, accepted: Mapping[Code, Accepted] = NOTHING) -> None:
    """Prints the chains, each with what breaks it; then the notes, or the findings that break no chain."""
    shown: set[Finding] = set()
    for chain in chains_of(verdict):
        _draw_chain(console, chain)
        if chain.broken and chain.broken not in shown:
            shown.add(chain.broken)
            _draw_finding(console, chain.broken, accepted)
    match verdict:
        case Told(_, notes):
            for note in notes:
                console.print(Text(f"  note: {note}"))
        case NotTold(findings):
            for finding in (each for each in findings if each not in shown):
                console.print()
                draw_hanging(console, Text("  "), finding.whole_message)
                _draw_finding(console, finding, accepted)
        case ReportedElsewhere():
            console.print(Text(f"  {annotation_of(verdict)}"))
        case other:
            assert_never(other)


def chains_of(verdict: Verdict) -> tuple[Chain, ...]:
    """What there is to draw: where no chain was found, the link that is missing."""
    match verdict:
        case Told(chains):
            return chains
        case NotTold(findings, chains):
            return chains or (Chain((), findings[0]),)
        case ReportedElsewhere():
            return ()
        case other:
            assert_never(other)


def _draw_chain(console: Console, chain: Chain) -> None:
    console.print()
    for step in chain.steps:
        name = f"{step.name} confirmed" if step.link is Link.SUBSCRIBER else step.name
        places = (f"account {step.account_id}" if step.account_id else None, chain.region_of(step))
        where = "".join(f" in {place}" for place in places if place)
        _draw_line(console, "✔", "green", title_of(step.link, step.region), name + where)
    if chain.broken:
        broken = chain.broken
        _draw_line(console, "✘", "red", title_of(broken.code.link, broken.region), broken.whole_message)
    elif chain.worst_minutes is not None:
        console.print(Text(f"    rings within {chain.worst_minutes} min of the event's arrival", style="dim"))


def title_of(link: Link, region: str | None) -> str:
    """What takes an alarm's action's place in a region's own chain is a target."""
    return "target" if link is Link.ACTION and region else link.title


def _draw_line(console: Console, mark: str, style: str, title: str, text: str) -> None:
    draw_hanging(console, Text.assemble("  ", (mark, style), f" {title:<14} "), text)


def _draw_finding(console: Console, finding: Finding, accepted: Mapping[Code, Accepted]) -> None:
    """Its code and its remedy, below its message."""
    console.print(Text(f"  {finding.code.name}", style="bold"))
    if finding.code in accepted:
        draw_hanging(console, Text("  "), str(accepted[finding.code]))
    draw_hanging(console, Text("  what to do: "), finding.remedy)
    if finding.statement:
        console.print(Text("  the statement to paste into its policy:", style="dim"))
        console.print(Text(json.dumps(finding.statement, indent=2), style="dim"))
    if finding.example:
        console.print(Text("  a root event that would go unheard:", style="dim"))
        console.print(Text(json.dumps(finding.example, indent=2, default=str), style="dim"))
