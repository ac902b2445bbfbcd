"""`python -m tests.live`: asks a real account, made for it, what the documents leave open.

See docs/live-test.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError, ClientError
from root_usage.aws.gathering import PassingFault

from root_usage_alarm.deployment.names import BUILD
from root_usage_alarm.desk.consent import account_line, agreed, yes_option
from root_usage_alarm.local_aws.sessions import new_session
from tests.live import alarms, buses, patterns, persons, safety, scenarios
from tests.live.ledger import Ledger, clean, left
from tests.live.sandbox import QUEUE, Sandbox, sandbox_of
from tests.live.table import Probe, Row, Table

Ask = Callable[[Sandbox, Sequence[str]], list[Row]]
PASSED, NOT_PASSED, COULD_NOT_RUN = 0, 1, 2
SECONDS_BETWEEN_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A probe, and what asks it; those that follow each other with the same `ask` are asked at once."""

    probe: Probe
    ask: Ask


def every_probe(recordings: Path) -> list[Asked]:
    alone = [
        *patterns.readings(),
        *patterns.corpora(),
        (alarms.COMPOSITE, alarms.ask_composite),
        *scenarios.scenarios(recordings),
    ]
    together = [*buses.buses(), *alarms.metrics_and_alarms()]
    return [
        *(Asked(probe, _without_names(ask)) for probe, ask in alone),
        *(Asked(probe, ask) for probe, ask in together),
        *(Asked(probe, _left_to_a_person(probe)) for probe in persons.persons()),
    ]


def _without_names(ask: Callable[[Sandbox], list[Row]]) -> Ask:
    return lambda sandbox, _: ask(sandbox)


def _left_to_a_person(probe: Probe) -> Ask:
    return lambda *_: [Row(probe, None)]


def run(sandbox: Sandbox, table: Table, chosen: Iterable[Asked], tell: Callable[[str], None]) -> None:
    """Asks them, each with nothing of the one before; all that was made is deleted, whatever happens.

    Where that fails, or is interrupted, the ledger has what is left, and the table what was answered.
    """
    try:
        for ask, together in groupby(chosen, lambda each: each.ask):
            probes = [each.probe for each in together]
            tell(f"{probes[0].name}{f' and {len(probes) - 1} more' if probes[1:] else ''} ...")
            table.rows += _rows(sandbox, ask, probes)
            clean(sandbox, sandbox.ledger, keep=QUEUE)  # whose name isn't free again at once
    finally:
        clean(sandbox, sandbox.ledger)


def _rows(sandbox: Sandbox, ask: Ask, probes: Sequence[Probe]) -> list[Row]:
    try:
        rows = ask(sandbox, [each.name for each in probes])
    except (BotoCoreError, ClientError, PassingFault) as error:
        return [Row(each, None, f"couldn't be asked: {error}") for each in probes]
    if sandbox.is_aws:
        return rows
    return [
        replace(each, seen=None, note=f"not AWS's answer: {each.seen}")
        if each.probe.of_aws_only and each.seen is not None
        else each
        for each in rows
    ]


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", default="us-east-1", show_default=True, help="The one region that is touched.")
@click.option("--account", "named", help="The id of the account that was made for this, typed.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="A probe, or a room of them: filter, scenario ..."
)
@click.option("--list", "listing", is_flag=True, help="Print the probes and end.")
@click.option("--clean", "cleaning", is_flag=True, help="Delete what an earlier run left, and end.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILD / "live",
    help="Folder for ledger, table and recordings.",
)
@yes_option
@click.pass_context
def main(
    context: click.Context,
    profile: str | None,
    region: str,
    named: str | None,
    only: tuple[str, ...],
    to: Path,
    *,
    listing: bool,
    cleaning: bool,
    yes: bool,
) -> None:
    """Ask AWS what the documents leave open, in an account that was made for it.

    Exit status: 0 all as assumed, 1 not all of it, 2 could not run.
    """
    chosen = _chosen(every_probe(to / "recordings"), only)
    if listing:
        for each in chosen:
            click.echo(f"{each.probe.name}: {each.probe.question}")
        return
    if named is None:
        raise click.UsageError("type the account that was made for this: --account (ACCOUNT=)")
    try:
        session = new_session(region_name=region, **({"profile_name": profile} if profile else {}))
        ledger = Ledger(to / f"ledger-{named}-{region}.jsonl", named, region)
        sandbox = sandbox_of(session, named, region, ledger)
        caller = session.client("sts").get_caller_identity()
        if cleaning and caller["Account"] == named:
            context.exit(_clean(sandbox))
        reasons = list(safety.refusals(sandbox, caller, named, ledger))
        for reason in reasons:
            click.echo(f"refused: {reason}", err=True)
        if reasons:
            context.exit(COULD_NOT_RUN)
        click.echo(f"{account_line(session, named, region)}\n  {safety.cost()}")
        if not agreed(f"Ask {len(chosen)} questions there?", yes=yes):
            context.exit(COULD_NOT_RUN)
        endpoint = sandbox.client("sts").meta.endpoint_url
        table = Table("AWS" if sandbox.is_aws else f"an emulator at {endpoint}")
        try:
            run(sandbox, table, chosen, click.echo)
        finally:
            _hand_back(table, to)
        if _clean(sandbox) != PASSED:
            click.echo("not all of it is deleted: try again with --clean", err=True)
    except KeyboardInterrupt:
        click.echo("interrupted: --clean deletes what is left", err=True)
        context.exit(COULD_NOT_RUN)
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        click.echo(f"could not run: {error}", err=True)
        context.exit(COULD_NOT_RUN)
    context.exit(PASSED if table.passed() else NOT_PASSED)


def _hand_back(table: Table, to: Path) -> None:
    text = "".join(f"{each}\n" for each in table.lines())
    to.mkdir(parents=True, exist_ok=True)
    (to / "table.json").write_text(table.as_text(), encoding="utf-8")
    (to / "table.txt").write_text(text, encoding="utf-8")
    click.echo(text, nl=False)


def _chosen(probes: Sequence[Asked], only: Sequence[str]) -> list[Asked]:
    if not only:
        return list(probes)
    unknown = [each for each in only if not any(_is(probe, each) for probe in probes)]
    if unknown:
        raise click.UsageError(f"no probe is called {', '.join(unknown)}; --list prints them")
    return [each for each in probes if any(_is(each, name) for name in only)]


def _is(asked: Asked, name: str) -> bool:
    return asked.probe.name == name or asked.probe.name.startswith(f"{name}/")


def _clean(sandbox: Sandbox) -> int:
    clean(sandbox, sandbox.ledger)
    found = left(sandbox, pause=SECONDS_BETWEEN_LOOKS if sandbox.is_aws else 0)
    for each in found:
        click.echo(f"left: {each}", err=True)
    if found:
        return NOT_PASSED
    sandbox.ledger.close()
    click.echo("nothing of the live test is left, by ledger, prefix and tag")
    return PASSED


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
