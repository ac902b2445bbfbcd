"""Did root itself change what tells of its use? A chain that is whole now may have been silent in between.

Saving the alarm anew clears nothing here: nobody can edit CloudTrail's event history. What counts is what a
call did to the chains of the verdict; a call that doesn't show what it touched counts as well.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto

from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import Trail
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..aws.event_history import RootEvent, RootEvents, RootEventsSince
from ..aws.events import EventBusNamed
from ..aws.kms import Key, KeyAt
from ..aws.roles import TrustPolicyOf
from ..parameters import EVENTBRIDGE, Parameters
from ..verdict.findings import Finding, Link
from ..verdict.outcome import NotTold, Record, ReportedElsewhere, Told, Verdict
from .findings import changed_the_chain, changes_unverified, reviewed_in_the_future
from .judging import RootUser
from .last_use import NotVerified, Used


class _Part(Enum):
    """What a call touches."""

    TRAIL = auto()
    ROLE = auto()  # one that CloudTrail delivers with, or EventBridge forwards with
    LOG_GROUP = auto()
    METRIC_FILTER = auto()
    METRIC = auto()  # another filter may drown it
    ALARM = auto()
    EVENT_RULE = auto()
    EVENT_BUS = auto()  # the default one, or one that a rule forwards to
    REGION = auto()  # in one that was enabled for a while no rule may have been
    TOPIC = auto()
    KEY = auto()
    UNNAMED = auto()  # the event doesn't tell which, or the verdict doesn't know its own


_LINKS = {
    _Part.TRAIL: Link.TRAIL,
    _Part.LOG_GROUP: Link.LOG_GROUP,
    _Part.METRIC_FILTER: Link.METRIC_FILTER,
    _Part.ALARM: Link.ALARM,
    _Part.EVENT_RULE: Link.EVENT_RULE,
    _Part.TOPIC: Link.ACTION,
}

# Service, part, the member of `requestParameters` that names it, and the calls that silence it or undo that.
_CALLS: tuple[tuple[str, _Part, str, str], ...] = (
    ("cloudtrail", _Part.TRAIL, "name", "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
    ("cloudtrail", _Part.TRAIL, "trailName", "PutEventSelectors"),
    ("iam", _Part.ROLE, "roleName", "DeleteRole UpdateAssumeRolePolicy DeleteRolePolicy PutRolePolicy"),
    ("iam", _Part.ROLE, "roleName", "AttachRolePolicy DetachRolePolicy"),
    ("iam", _Part.ROLE, "roleName", "PutRolePermissionsBoundary DeleteRolePermissionsBoundary"),
    ("iam", _Part.UNNAMED, "", "CreatePolicyVersion SetDefaultPolicyVersion"),
    ("logs", _Part.METRIC_FILTER, "filterName", "PutMetricFilter DeleteMetricFilter"),
    ("logs", _Part.METRIC, "metricName", "PutMetricFilter"),
    ("logs", _Part.LOG_GROUP, "logGroupName", "DeleteLogGroup AssociateKmsKey DisassociateKmsKey"),
    (
        "logs",
        _Part.LOG_GROUP,
        "logGroupIdentifier",
        "PutDataProtectionPolicy DeleteDataProtectionPolicy PutTransformer DeleteTransformer",
    ),
    ("logs", _Part.UNNAMED, "", "PutAccountPolicy DeleteAccountPolicy"),
    ("monitoring", _Part.ALARM, "alarmName", "PutMetricAlarm PutCompositeAlarm PutLogAlarm SetAlarmState"),
    ("monitoring", _Part.ALARM, "alarmNames", "DeleteAlarms DisableAlarmActions EnableAlarmActions"),
    ("monitoring", _Part.ALARM, "alarmNames", "PutAlarmMuteRule"),
    ("monitoring", _Part.UNNAMED, "", "DeleteAlarmMuteRule"),
    ("events", _Part.EVENT_RULE, "name", "PutRule DeleteRule DisableRule EnableRule"),
    ("events", _Part.EVENT_RULE, "rule", "PutTargets RemoveTargets"),
    ("events", _Part.EVENT_BUS, "eventBusName", "PutPermission RemovePermission"),
    ("events", _Part.EVENT_BUS, "name", "UpdateEventBus DeleteEventBus"),
    ("account", _Part.REGION, "regionName", "EnableRegion DisableRegion"),
    ("sns", _Part.TOPIC, "topicArn", "SetTopicAttributes DeleteTopic AddPermission RemovePermission"),
    ("sns", _Part.TOPIC, "subscriptionArn", "Unsubscribe SetSubscriptionAttributes"),
    ("sns", _Part.TOPIC, "resourceArn", "PutDataProtectionPolicy"),
    ("kms", _Part.KEY, "keyId", "PutKeyPolicy ScheduleKeyDeletion CancelKeyDeletion DisableKey EnableKey"),
    ("kms", _Part.KEY, "keyId", "DeleteImportedKeyMaterial ImportKeyMaterial"),
    ("kms", _Part.KEY, "aliasName", "UpdateAlias DeleteAlias"),
    (
        "observabilityadmin",
        _Part.UNNAMED,
        "",
        "CreateTelemetryPipeline UpdateTelemetryPipeline DeleteTelemetryPipeline",
    ),
    (
        "config",
        _Part.UNNAMED,
        "",
        "PutConfigRule DeleteConfigRule PutEvaluations DeleteDeliveryChannel",
    ),
    (
        "config",
        _Part.UNNAMED,
        "",
        "PutConfigurationRecorder StopConfigurationRecorder DeleteConfigurationRecorder",
    ),
    (
        "lambda",
        _Part.UNNAMED,
        "",
        "UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction RemovePermission",
    ),
    (
        "lambda",
        _Part.UNNAMED,
        "",
        "PutFunctionConcurrency DeleteFunctionConcurrency",
    ),
)


def _by_call() -> Mapping[tuple[str, str], Sequence[tuple[_Part, str]]]:
    found: dict[tuple[str, str], list[tuple[_Part, str]]] = {}
    for service, part, member, names in _CALLS:
        for name in names.split():
            found.setdefault((f"{service}.amazonaws.com", name), []).append((part, member))
    return found


_TOUCHES = _by_call()

# Lambda's events carry the version of its API: `UpdateFunctionCode20150331v2`.
_API_VERSION = re.compile(r"20[0-9]{6}(v[0-9]+)?$")

_Names = Mapping[_Part, frozenset[str] | None]  # None: it can't be told


def judge_hiding(
    evidence: Evidence, parameters: Parameters, verdict: Verdict, root_user: RootUser
) -> Iterator[Finding]:
    """That root changed the chains of `verdict` since RootChangesReviewedUntil, or may have.

    Rests on the answers that `judge_root_user` got, and asks for nothing.
    """
    if isinstance(verdict, ReportedElsewhere) or not isinstance(root_user.last_use, Used | NotVerified):
        return
    reviewed_until = parameters.root_changes_reviewed_until
    if reviewed_until and reviewed_until > evidence.now:
        yield reviewed_in_the_future(reviewed_until)
        reviewed_until = None
    names = _names(evidence, verdict, parameters)
    changes = [
        (each, touched)
        for each in root_user.recent_events
        if (reviewed_until is None or each.time > reviewed_until)
        and (touched := _touched(each, names)) is not None
    ]
    if changes:
        yield changed_the_chain(evidence.account_id, changes[::-1])
    elif gap := next(_gaps(evidence, reviewed_until), None):
        yield changes_unverified(evidence.account_id, gap)


def _gaps(
    evidence: Evidence, reviewed_until: datetime | None
) -> Iterator[tuple[str, RootEvents | Unreadable]]:
    """Regions whose history wasn't read, or not as far back as the review reaches."""
    for question, answer in evidence:
        if not isinstance(question, RootEventsSince):
            continue
        if isinstance(answer, Unreadable):
            yield question.place.region, answer
        elif isinstance(answer, RootEvents) and not answer.is_complete:
            oldest = min((each.time for each in answer.events), default=None)
            if oldest is None or reviewed_until is None or oldest > reviewed_until:
                yield question.place.region, answer


def _touched(event: RootEvent, names: _Names) -> str | None:
    """What of the chains the call changed, or may have; empty where it isn't named, None for nothing."""
    # Who has a service do it, such as CloudFormation, did it.
    if event.is_failed:
        return None
    if names[_Part.REGION] == frozenset() and event.source == "account.amazonaws.com":
        return None
    touches = _TOUCHES.get((event.source, _API_VERSION.sub("", event.name)), ())
    touched = (_touched_part(event, names[part], member) for part, member in touches)
    return next((each for each in touched if each is not None), None)


def _touched_part(event: RootEvent, own: frozenset[str] | None, member: str) -> str | None:
    values = tuple(_values(event.parameters, member.lower()))
    if own == frozenset():
        return None  # there is none that could be meant
    if own is None or not values:
        return values[0] if values else ""
    return next((name for name in sorted(own) for value in values if _is(value, name)), None)


def _values(parameters: object, member: str) -> Iterator[str]:
    """The texts of a member, in whatever case and depth: CloudTrail changes the case of some."""
    if isinstance(parameters, list):
        for each in parameters:
            yield from _values(each, member)
    if not isinstance(parameters, dict):
        return
    for name, value in parameters.items():
        if str(name).lower() == member:
            texts = value if isinstance(value, list) else [value]
            yield from (each for each in texts if isinstance(each, str))
        else:
            yield from _values(value, member)


def _is(value: str, name: str) -> bool:
    """Whether a name or an ARN, of a topic's subscription too, is of what has that name."""
    bare = value.removesuffix(":*")
    return bare == name or (
        bare.startswith("arn:") and (bare.endswith(f"/{name}") or f":{name}:" in f"{bare}:")
    )


def _names(evidence: Evidence, verdict: Told | NotTold, parameters: Parameters) -> _Names:
    """What the chains are made of in this account; what a broken chain doesn't reach can't be told."""
    names: dict[_Part, frozenset[str] | None] = {_Part.UNNAMED: None}
    is_whole = isinstance(verdict, Told)
    for part, link in _LINKS.items():
        stations = [each for chain in verdict.chains for each in chain.steps if each.link is link]
        # The states of other alarms decide a composite's.
        depends = any(isinstance(each.record, CompositeAlarm) for each in stations)
        is_known = is_whole and not depends
        own = frozenset(each.name for each in stations if each.account_id in {None, evidence.account_id})
        names[part] = own if is_known else None
    names[_Part.EVENT_BUS] = frozenset(_event_buses(evidence)) if is_whole else None
    # Alarms hear all regions, rules their own only.
    by_region = not is_whole or any(chain.region for chain in verdict.chains)
    names[_Part.REGION] = None if by_region else frozenset()
    if EVENTBRIDGE not in parameters.accepted_ways:
        names[_Part.EVENT_RULE] = names[_Part.EVENT_BUS] = names[_Part.REGION] = frozenset()
    names[_Part.KEY] = frozenset(_keys(evidence)) if is_whole else None
    records = [
        each.record
        for chain in verdict.chains
        for each in chain.steps
        if each.account_id in {None, evidence.account_id}
    ]
    names[_Part.ROLE] = frozenset((*_roles(records), *_forwarding_roles(evidence))) if is_whole else None
    names[_Part.METRIC] = frozenset(_metrics(records)) if names[_Part.ALARM] is not None else None
    return names


def _roles(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        if isinstance(record, Trail) and record.log_group_role_arn:
            yield record.log_group_role_arn.rpartition("/")[2]


def _forwarding_roles(evidence: Evidence) -> Iterator[str]:
    yield from (
        each.role.resource.rpartition("/")[2] for each, _ in evidence if isinstance(each, TrustPolicyOf)
    )


def _event_buses(evidence: Evidence) -> Iterator[str]:
    """Those of this account that were looked at."""
    for question, _ in evidence:
        if isinstance(question, EventBusNamed) and question.place.account_id == evidence.account_id:
            yield question.name


def _metrics(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        if isinstance(record, MetricAlarm):
            yield from (metric.name for metric in record.metrics)


def _keys(evidence: Evidence) -> Iterator[str]:
    """The topics' keys, by id and as the topics name them."""
    for question, answer in evidence:
        if isinstance(question, KeyAt) and isinstance(answer, Key):
            yield question.key_id.rpartition(":")[2]
            yield answer.arn.resource.rpartition("/")[2]
