"""`drill`: rings the alarm that the rule found, or watches a real sign-in as root; and keeps a record."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click
from root_usage.examine import Account

from ..desk.consent import yes_option
from ..desk.ending import unhurried
from ..desk.exit_status import ExitStatus
from ..desk.progress import tell
from ..desk.rule_parameters import parameter_option, usable_parameters_of
from ..drill import record
from ..drill.clock import Clock
from ..drill.policy import RING, WATCH
from ..drill.run import Found, NobodyAgreed
from ..drill.target import CannotDrill
from .caller import Caller, session_of
from .run_state import fresh_option, state_option, state_path

STATUS = {
    record.HEARD: ExitStatus.FINE,
    record.NOT_HEARD: ExitStatus.NOT_COMPLIANT,
    record.NOT_CONFIRMED: ExitStatus.CANNOT_VERIFY,
}

_SAID = {
    record.HEARD: "a person was told",
    record.NOT_HEARD: "nobody is shown to have been told",
    record.NOT_CONFIRMED: "the action was carried out, and nobody has confirmed the message",
}


@click.command()
@click.option("--ring", "mode", flag_value=RING, help="Set the alarm to ALARM, follow it, see it put back.")
@click.option("--watch", "mode", flag_value=WATCH, help="Wait for a real sign-in as root, and follow it.")
@click.option("--policy", is_flag=True, help="Print the IAM policy that the drill needs, and do no more.")
@click.option("--alarm", "alarm_name", help="Which alarm, where several tell together.")
@click.option("--anyway", is_flag=True, help="Drill the alarm of a chain that the rule finds broken.")
@click.option("--confirmed-by", metavar="TEXT", help="Who gets the message, and where, instead of asking.")
@click.option(
    "--record",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the record is written; drill-ACCOUNT-TIME.json by default.",
)
@click.option(
    "--minutes",
    type=click.IntRange(1, 360),
    default=30,
    show_default=True,
    help="When a watch ends by itself.",
)
@state_option
@fresh_option
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@parameter_option
@yes_option
@click.pass_context
def drill(  # noqa: PLR0913 one argument for each option
    context: click.Context,
    /,
    *,
    mode: str | None,
    policy: bool,
    alarm_name: str | None,
    anyway: bool,
    confirmed_by: str | None,
    file: Path | None,
    minutes: int,
    state: Path | None,
    fresh: bool,
    profile: str | None,
    region: str | None,
    given: tuple[str, ...],
    yes: bool,
) -> None:
    """Does the alarm that `check` found tell a person? Ring it, or watch a sign-in as root.

    Exit status: 0 a person was told, 1 nobody is shown to have been told, 2 could not run, 3 nobody has
    confirmed the message.
    """
    if not policy and mode is None:
        raise click.UsageError("give --ring or --watch, or --policy")
    if file and (file.exists() or not file.parent.is_dir()):
        raise click.UsageError(f"`{file}` can't be made: it is there already, or its folder isn't")
    parameters = usable_parameters_of(given)
    try:
        caller = Caller.of(session_of(profile, region))
        account = Account(caller.account_id, caller.region, caller.partition)
        clock = context.find_object(Clock) or Clock()
        found = Found.by(account, parameters, caller.factory, caller.arn, clock)
        of_alarm = found.of_alarm(alarm_name, anyway=anyway)
        if policy:
            click.echo(json.dumps(of_alarm.policy((mode,) if mode else (RING, WATCH)), indent=2))
            return
        with unhurried():  # a message that went out is recorded, whatever question Ctrl-C answers
            if mode == RING:
                made = of_alarm.ring(confirmed_by, yes=yes)
            else:
                name = f"drill-{caller.account_id}-{of_alarm.target.alarm.name}"
                path = state_path(state, name, fresh=fresh)
                made = of_alarm.watch(path, timedelta(minutes=minutes), confirmed_by)
            file = file or Path(f"drill-{caller.account_id}-{made.time[:19].replace(':', '')}.json")
            made.write(file)
    except (CannotDrill, NobodyAgreed) as reason:
        click.echo(f"no drill: {reason}", err=True)
        context.exit(ExitStatus.COULD_NOT_RUN)
    tell(f"{_SAID[made.outcome]}; the record is in {file}")
    context.exit(STATUS[made.outcome])
