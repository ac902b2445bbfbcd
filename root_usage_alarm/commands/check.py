"""`check`: the rule's decision on a real account, from the workstation, read-only."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text
from root_usage.aws.recording import Recorder
from root_usage.examine import Account, Examination, examine
from root_usage.parameters import WAYS, Parameters
from root_usage.report import to_json, to_record
from root_usage.verdict.outcome import Told

from ..desk import record_file
from ..desk.accepted import accepted_in, of_account
from ..desk.config_file import config_option
from ..desk.consent import alias_of
from ..desk.exit_status import TABLE, CouldNotRun
from ..desk.rule_parameters import parameter_option, usable_parameters_of, values_of
from ..desk.verdict_status import status_of
from ..drill.record import NotADrill
from ..drill.record import read as read_drill
from .caller import Caller, session_of
from .chain_view import draw, draw_verdict
from .drill_view import draw_drill, drill_to_json
from .json_head import json_head
from .pages.options import to_option, write
from .root_user_view import draw_root_user


@click.command(epilog=TABLE)
@config_option
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@parameter_option
@click.option(
    "--all-ways", is_flag=True, help="Show the ways of being told that AcceptedWays doesn't accept, too."
)
@click.option("--verbose", is_flag=True, help="List the calls that were made.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep AWS's answers for `replay`, in FILE.",
)
@click.option("--mask", is_flag=True, help="With --save: made-up account ids, addresses and key ids.")
@click.option(
    "--drill",
    "drilled",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The record of a drill: its age, and whether the chain is still the same. Changes no result.",
)
@click.option("--output", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@to_option
@click.pass_context
def check(  # noqa: PLR0913, PLR0917 one argument for each option
    context: click.Context,
    profile: str | None,
    region: str | None,
    given: tuple[str, ...],
    output: str,
    to: Path | None,
    *,
    all_ways: bool,
    save: Path | None,
    mask: bool,
    verbose: bool,
    drilled: Path | None,
) -> None:
    """Would a person be told if root did something in this account now?"""
    if drilled and output == "html":
        raise click.UsageError("--drill isn't on the page: use --output text or json")
    try:
        earlier = read_drill(drilled) if drilled else None
    except NotADrill as error:
        raise CouldNotRun(error) from error
    parameters = usable_parameters_of(given)
    session, now = session_of(profile, region), datetime.now(UTC)
    caller = Caller.of(session)
    account = Account(caller.account_id, caller.region, caller.partition)
    recorder = Recorder() if save else None
    examination = examine(account, parameters, caller.factory, now, with_summary=True, recorder=recorder)
    if save and recorder:
        lines = to_record(account, values_of(given), now, recorder, with_summary=True)
        record_file.write(save, lines, record_file.Mask() if mask else None)
    others = _other_ways(account, parameters, caller) if all_ways else {}
    alias, accepted = alias_of(session), of_account(accepted_in(context), account.account_id)
    if output == "html":
        from .pages.check_page import check_page  # noqa: PLC0415 the other outputs need no template engine

        write(check_page(account, examination, others), to)
    elif output == "json":
        document = {
            **json_head(now),
            "accountAlias": alias or None,
            **to_json(account, examination),
            "accepted": [
                {"code": each.code.name, "reason": each.reason, "expires": each.expires.isoformat()}
                for each in accepted.values()
            ],
        }
        if earlier:
            document["drill"] = drill_to_json(earlier, account, examination, now)
        if all_ways:
            document["otherWays"] = {way: to_json(account, each) for way, each in others.items()}
        click.echo(json.dumps(document, indent=2, default=str))
    else:
        console = Console(highlight=False)
        draw(console, account, examination, alias, accepted)
        if examination.root_user:
            draw_root_user(console, examination.root_user)
        if earlier:
            draw_drill(console, earlier, account, examination, now)
        for way, each in others.items():
            told = (
                "a person would be told" if isinstance(each.verdict, Told) else "nobody is proven to be told"
            )
            console.print(Text(f"\nby {way}, which AcceptedWays doesn't accept: {told}", style="bold"))
            draw_verdict(console, each.verdict)
        calls = Counter(call for each in (examination, *others.values()) for call in each.calls)
        console.print(f"\n{calls.total()} AWS calls, all of them reads", style="dim")
        for call, times in sorted(calls.items() if verbose else ()):
            console.print(Text(f"  {call}{f' ({times} times)' if times > 1 else ''}", style="dim"))
    context.exit(status_of(examination.verdict, accepted))


def _other_ways(account: Account, parameters: Parameters, caller: Caller) -> dict[str, Examination]:
    """What each way that isn't accepted would tell; nothing about root, which is the same by all of them."""
    others = {}
    for way in sorted(WAYS - parameters.accepted_ways):
        only = replace(parameters, accepted_ways=frozenset({way}), root_usage_lookback_days=0)
        others[way] = examine(account, only, caller.factory, datetime.now(UTC))
    return others
