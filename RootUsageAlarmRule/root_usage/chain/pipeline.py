"""Judges CloudWatch pipelines: does one come between CloudTrail and the metric filters of its log group?

A pipeline takes events out of a log group and puts back what its processors make of them, or routes them
elsewhere: after `ocsf` there is no `userIdentity`. Which version metric filters see isn't documented.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-service-logs-from-cwl.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/pipeline-sinks.html
"""

from __future__ import annotations

from dataclasses import replace

from ..aws.asking import Evidence, NotOffered, Unreadable
from ..aws.logs import LogGroupId
from ..aws.observability import DataSource, Pipeline, Pipelines
from ..verdict.findings import Code, Finding, Link, quote, unreadable
from ..verdict.outcome import Chain, Told, Verdict, not_told
from .placing import placed


def judge_pipelines(evidence: Evidence, verdict: Verdict) -> Verdict:
    """The verdict; NotTold where a pipeline may change what one of the chains that hold rests on.

    Asks in the place of each log group, and only where the account would otherwise be COMPLIANT.
    """
    if not isinstance(verdict, Told):
        return verdict
    groups = tuple(dict.fromkeys(group for each in verdict.chains if (group := _log_group(each))))
    evidence.need(*(Pipelines(each.place) for each in groups))
    judged = {each: _judge(evidence, each) for each in groups}
    broken = {group: found for group, found in judged.items() if isinstance(found, Finding)}
    if broken:
        return not_told(tuple(_broken(each, broken) for each in verdict.chains))
    notes = (found for found in judged.values() if isinstance(found, str) and found)
    return replace(verdict, notes=tuple(dict.fromkeys([*verdict.notes, *notes])))


def _judge(evidence: Evidence, log_group: LogGroupId) -> Finding | str:
    """Why root's events may not be what they were; otherwise a note, or nothing."""
    match evidence.answer(Pipelines(log_group.place)):
        case Unreadable() as refusal:
            subject = f"the pipelines of log group {quote(log_group.name)}"
            remedy = "allow that call to the role that the rule reads with"
            found = unreadable(Code.LOG_GROUP_UNREADABLE, log_group.name, subject, refusal, remedy)
        case NotOffered(call):
            return f"no CloudWatch pipeline was looked for: {call} isn't offered in {log_group.place.region}"
        case pipelines:
            first = next((each for each in pipelines if _may_change(each)), None)
            if first is None:
                return ""
            found = _changed(first, log_group)
    return placed(found, log_group.place.account_id, evidence.account_id)


def _may_change(pipeline: Pipeline) -> bool:
    """Whether it may take management events out of a log group; what AWS doesn't show counts as if it did.

    Without a processor it may still route: conditions of its sinks aren't shown.
    """
    if pipeline.status == "CREATE_FAILED" or (pipeline.sources and "cloudwatch_logs" not in pipeline.sources):
        return False
    return not pipeline.data_sources or any(map(_has_management_events, pipeline.data_sources))


def _has_management_events(source: DataSource) -> bool:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/supported-aws-services-data-sources.html"""
    return not source.name or (source.name == "aws_cloudtrail" and source.type != "data")


def _changed(pipeline: Pipeline, log_group: LogGroupId) -> Finding:
    name, processors = quote(pipeline.name), quote(", ".join(pipeline.processors))
    may = (
        f"may change or reroute the events of log group {quote(log_group.name)}, "
        "so whether its metric filters see root is undecided"
    )
    return Finding(
        Code.LOG_GROUP_PIPELINE,
        pipeline.name,
        f"pipeline {name} ({processors}) {may}" if pipeline.processors else f"pipeline {name} {may}",
        "take CloudTrail's events out of it, or delete it",
        short_message=f"pipeline {name} {may}",
    )


def _broken(chain: Chain, broken: dict[LogGroupId, Finding]) -> Chain:
    group = _log_group(chain)
    if group is None or group not in broken:
        return chain
    steps = tuple(each for each in chain.steps if each.link < Link.LOG_GROUP)
    return Chain(steps, broken[group])


def _log_group(chain: Chain) -> LogGroupId | None:
    record = chain.record(Link.LOG_GROUP)
    return record if isinstance(record, LogGroupId) else None
