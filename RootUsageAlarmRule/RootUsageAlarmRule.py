"""AWS Config rule: if the root user did something in this account now, would a person be told?

Scenarios, all for one evaluation of `AWS::::Account`; the tests carry the same numbers.

1.  Given: a chain trail -> log group -> metric filter -> metric -> alarm -> alarm action -> confirmed
    subscriber that holds at every link for every root event
    Then: COMPLIANT, naming the alarm, the topic and the number of subscribers
2.  Given: several chains that hold and cover root activity only together
    Then: COMPLIANT
3.  Given: a link that is broken
    Then: NON_COMPLIANT, naming the first broken link of the chain that got furthest, and the remedy
4.  Given: a link that AWS refuses to show, or that can't be decided
    Then: NON_COMPLIANT, saying what could not be verified and why
5.  Given: a rule parameter that is unknown or has an impossible value
    Then: NON_COMPLIANT, naming the parameter
6.  Given: a region that isn't the parameter ReportingRegion's
    Then: NOT_APPLICABLE, naming the region that reports
7.  Given: AWS is throttling, timing out or failing for the moment
    Then: no evaluation; the Lambda fails and is invoked again
8.  Given: an evaluation that AWS Config doesn't accept
    Then: the Lambda fails, so that the last result isn't kept in silence
9.  Given: an account that takes more work to decide, or more time, than the function has
    Then: NON_COMPLIANT, naming what takes most of it
"""

import json
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import boto3
from rdklib import ConfigRule, Evaluation, Evaluator
from root_usage.aws.answers import refuse_what_is_no_answer
from root_usage.aws.clients import patience
from root_usage.aws.recording import RECORD_VARIABLE, Recorder
from root_usage.aws.sharing import MINUTES_VARIABLE, Kept, Sharing
from root_usage.examine import Account, examine
from root_usage.parameters import (
    FLOOR_VARIABLE,
    RDKLIB_PARAMETERS,
    InvalidParameters,
    Parameters,
    parse_parameters,
)
from root_usage.report import to_json, to_record
from root_usage.verdict.annotation import ascii_of
from root_usage.verdict.findings import Code
from root_usage.verdict.outcome import NotTold, Verdict, compliance_type
from root_usage.work import Work

RESOURCE_TYPE = "AWS::::Account"

# Lambda keeps a function's environment for its next invocations.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
KEPT: Kept = {}


class MalformedEvent(Exception):
    """The event isn't one that AWS Config sends to a periodic rule."""


class EvaluationNotReported(Exception):
    """AWS Config didn't take the evaluation, so its last result still stands."""


class RuleDefect(Exception):
    """A bug in this rule, raised under a name that rdklib doesn't swallow."""


class RootUsageAlarmRule(ConfigRule):  # type: ignore[misc]  # rdklib is untyped
    """Connects AWS Config with the decision; no decision is made here."""

    # rdklib would otherwise ask for older results of other resources in every run; this rule has
    # but one resource. (The attribute's comment in rdklib says the reverse of what its code does.)
    delete_old_evaluations_on_scheduled_notification = False

    def __init__(self, work: Work | None = None) -> None:
        self._work = work
        self.annotation = ""  # of the last evaluation
        self.is_ascii_only = False

    def evaluate_parameters(self, rule_parameters: dict[str, Any]) -> Parameters | InvalidParameters:
        return parse_parameters(rule_parameters, os.environ.get(FLOOR_VARIABLE, ""))

    def evaluate_periodic(
        self,
        event: dict[str, Any],
        client_factory: Any,
        valid_rule_parameters: Parameters | InvalidParameters,
    ) -> list[Evaluation]:
        account = _account(event)
        try:
            now = datetime.now(UTC)
            recorder = Recorder() if os.environ.get(RECORD_VARIABLE) else None
            examination = examine(
                account,
                valid_rule_parameters,
                client_factory,
                now,
                work=self._work,
                # What an earlier evaluation was answered isn't in this one's record.
                sharing=None if recorder else _sharing(account, now),
                recorder=recorder,
            )
        except ValueError as error:
            # rdklib turns a ValueError into a reply that Lambda takes for success.
            raise RuleDefect(f"{type(error).__name__}: {error}") from error
        if recorder:
            given = json.loads(event.get("ruleParameters", "{}"))
            print(*to_record(account, given, now, recorder), sep="\n")
        print(json.dumps(to_json(account, examination), default=str))
        verdict = examination.verdict
        if _role_is_out_of_reach(verdict):
            # rdklib would report with the very role that can't be assumed, and so not at all.
            client_factory.build_client = partial(client_factory.build_client, assume_role_mode=False)
        self.annotation = ascii_of(examination.annotation) if self.is_ascii_only else examination.annotation
        evaluation = Evaluation(
            compliance_type(verdict),
            resourceId=account.account_id,
            resourceType=RESOURCE_TYPE,
            annotation=self.annotation,
        )
        return [evaluation]


def lambda_handler(event: dict[str, Any], context: Any) -> list[dict[str, Any]]:
    """Evaluates the account that `event` names and reports it; returns what was reported.

    Raises MalformedEvent, EvaluationNotReported or aws.gathering.PassingFault: each makes Lambda count an
    error and invoke the function again.
    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
    """
    _check(event)
    _watch_for_refused_evaluations()
    rule = RootUsageAlarmRule(_work_within(context))
    try:
        return _reported(rule, event, context)
    except EvaluationNotReported:
        if rule.annotation.isascii():
            raise
        # AWS documents no characters that an annotation may not hold; should there be any, names give way.
        rule.is_ascii_only = True
        return _reported(rule, event, context)


def _reported(rule: RootUsageAlarmRule, event: dict[str, Any], context: Any) -> list[dict[str, Any]]:
    reply = Evaluator(rule).handle(_with_texts(event), context)
    if not isinstance(reply, list):
        raise EvaluationNotReported(f"AWS Config was told nothing: {json.dumps(reply, default=str)}")
    return reply


def _work_within(context: Any) -> Work:
    """What may be spent in the time that the function has left; a test tool may say nothing of it.

    A quarter of the time is kept for the calls under way and for the report.
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    if context is None:
        return Work()
    seconds = context.get_remaining_time_in_millis() / 1_000
    # boto3 has no way of its own to tell all clients of a session, rdklib's among them.
    session: Any = boto3.DEFAULT_SESSION
    session._session.set_default_client_config(patience(seconds))
    return Work(end=monotonic() + seconds * 3 / 4)


def _sharing(account: Account, now: datetime) -> Sharing | None:
    """None where nothing is shared: only the function of many accounts has the variable."""
    minutes = int(os.environ.get(MINUTES_VARIABLE, "0"))
    return Sharing(KEPT, account.account_id, now, timedelta(minutes=minutes)) if minutes else None


def _check(event: dict[str, Any]) -> None:
    for member in ("accountId", "invokingEvent", "resultToken", "executionRoleArn"):
        if not isinstance(event.get(member), str) or not event[member]:
            raise MalformedEvent(f"event: member `{member}` is missing or isn't a text")
    if not isinstance(event.get("configRuleArn", ""), str):
        raise MalformedEvent("event: member `configRuleArn` isn't a text")
    invoking_event = _object(event, "invokingEvent")
    if invoking_event.get("messageType") != "ScheduledNotification":
        raise MalformedEvent(
            f"event: invokingEvent.messageType is `{invoking_event.get('messageType')}`, "
            "but this rule is periodic: `ScheduledNotification`"
        )
    if not isinstance(invoking_event.get("notificationCreationTime"), str):
        raise MalformedEvent("event: invokingEvent.notificationCreationTime is missing")
    if "ruleParameters" in event:
        _object(event, "ruleParameters")


def _with_texts(event: dict[str, Any]) -> dict[str, Any]:
    """The event with every rule parameter as a text, which is all that rdklib can read."""
    if "ruleParameters" not in event:
        return event
    parameters = {name: str(value) for name, value in _object(event, "ruleParameters").items()}
    return {**event, "ruleParameters": json.dumps(parameters)}


def _object(event: dict[str, Any], member: str) -> dict[str, Any]:
    try:
        value = json.loads(event[member])
    except (TypeError, ValueError) as error:
        raise MalformedEvent(f"event: member `{member}` isn't JSON: {error}") from error
    except RecursionError as error:
        raise MalformedEvent(f"event: member `{member}` is nested too deeply") from error
    if not isinstance(value, dict):
        raise MalformedEvent(f"event: member `{member}` isn't a JSON object")
    return value


def _account(event: dict[str, Any]) -> Account:
    """The rule's region is in its ARN; an event from a test tool may have none."""
    arn = event.get("configRuleArn", "").split(":")
    region = arn[3] if len(arn) == 6 else os.environ.get("AWS_REGION", "")
    region = region or boto3.session.Session().region_name or ""
    if not region:
        raise MalformedEvent("event: no region in member `configRuleArn`, nor in AWS_REGION")
    return Account(event["accountId"], region, arn[1] if len(arn) == 6 else "aws")


def _role_is_out_of_reach(verdict: Verdict) -> bool:
    if not isinstance(verdict, NotTold):
        return False
    lead = verdict.findings[0]
    return lead.code is Code.CANNOT_ASSUME_ROLE or lead.resource in RDKLIB_PARAMETERS


def _watch_for_refused_evaluations() -> None:
    """rdklib doesn't look at PutEvaluations' list of evaluations that failed."""
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register(
        "after-call.config-service.PutEvaluations",
        _raise_on_refused_evaluations,
        unique_id="root-usage-alarm-rule",
    )
    refuse_what_is_no_answer(session.events, "before-parse.config-service.PutEvaluations")


def _raise_on_refused_evaluations(parsed: dict[str, Any], **_: Any) -> None:
    refused = parsed.get("FailedEvaluations")
    if refused:
        raise EvaluationNotReported(f"PutEvaluations refused: {json.dumps(refused, default=str)}")
