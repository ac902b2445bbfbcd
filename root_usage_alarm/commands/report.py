"""`report`: what an AWS Config aggregator knows of the rule, account by account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from botocore.config import Config
from rich.console import Console

from ..desk.accepted import accepted_in
from ..desk.config_file import config_option
from ..desk.exit_status import TABLE_OF_SEVERAL
from ..desk.progress import progress_bar
from .account_results import AccountResult, named, totals_of, with_accepted, without_stale_green
from .aggregate import (
    RESULTS,
    WORKERS,
    detailed,
    expected_accounts,
    rows_of,
    sources_of,
    with_accounts_without_result,
)
from .caller import FIRST, client_of, session_of
from .pages.options import against_option, to_option
from .pages.trend import Earlier
from .results_view import FORMATS, only_option, show
from .run_state import State, fresh_option, state_option, state_path

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_organizations import OrganizationsClient

# The rule runs once a day, so one result may be missing before an old one is doubted.
MOST_HOURS = 48

# Adaptive: all workers slow down together when AWS throttles one of them.
# https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html
PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, max_pool_connections=WORKERS)


@click.command(epilog=TABLE_OF_SEVERAL)
@click.argument("aggregator")
@config_option
@click.option("--profile", help="Profile of the account that has the aggregator.")
@click.option("--region", help="The aggregator's region; the profile's by default.")
@click.option("--rule", default="RootUsageAlarmRule", show_default=True, help="The rule's name.")
@click.option(
    "--max-age",
    type=click.IntRange(min=1),
    default=MOST_HOURS,
    show_default=True,
    help="Hours for which COMPLIANT is believed without another result.",
)
@click.option("--output", type=click.Choice(FORMATS), default="text", show_default=True)
@to_option
@against_option
@only_option
@state_option
@fresh_option
@click.pass_context
def report(  # noqa: PLR0913, PLR0917 an argument for each option
    context: click.Context,
    aggregator: str,
    profile: str | None,
    region: str | None,
    rule: str,
    max_age: int,
    output: str,
    to: Path | None,
    against: Earlier | None,
    only: tuple[str, ...],
    state: Path | None,
    fresh: bool,
) -> None:
    """Every account of AGGREGATOR: totals, the first broken links, and each account's annotation."""
    session = session_of(profile, region)
    # Patience is for thousands of calls; an endpoint that hangs is told of before.
    next(sources_of(client_of(session, "config", FIRST), aggregator), None)
    config = client_of(session, "config", PATIENT)
    organizations = client_of(session, "organizations", PATIENT)
    path = state_path(state, f"report-{aggregator}", fresh=fresh)
    known = State(path, {"aggregator": aggregator, "rule": rule}, datetime.now(UTC))
    results = read(config, organizations, aggregator, rule, known, timedelta(hours=max_age))
    results = with_accepted(results, accepted_in(context))
    show(Console(highlight=False), results, output, only, to, against)
    context.exit(totals_of(results).status)


def read(  # noqa: PLR0913, PLR0917 two clients, what to read, and what is known of it
    config: ConfigServiceClient,
    organizations: OrganizationsClient,
    aggregator: str,
    rule: str,
    state: State,
    max_age: timedelta,
) -> list[AccountResult]:
    """Every account's result; the state file is gone once all of them could be read."""
    expected, lacks = expected_accounts(config, organizations, aggregator)
    if lacks:
        click.echo(lacks, err=True)
    rows = rows_of(config, aggregator, rule, expected)
    known, unknown = state.split(rows)
    with progress_bar() as progress:
        task = progress.add_task("annotations", total=len(rows), completed=len(known))

        def tell(result: AccountResult) -> None:
            state.add(result)
            progress.advance(task)

        results = [*known, *detailed(config, aggregator, unknown, tell)]
    if not any(each.note and each.compliance_type in RESULTS for each in results):
        state.discard()  # else the next run asks again for what was refused
    whole = with_accounts_without_result(without_stale_green(results, state.now, max_age), expected)
    return named(whole, expected)
