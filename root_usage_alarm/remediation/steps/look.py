"""Step 2: decides how to make whole what the rule calls broken, and the names of everything. Only reads."""

from __future__ import annotations

import json
import re
import time
from fnmatch import fnmatchcase
from typing import Any

import boto3
from botocore.exceptions import ClientError

from root_usage_alarm.remediation.steps.shared import (
    JSON,
    TAGS,
    CannotRemediate,
    Chain,
    alarm_named,
    arn,
    by_first_role,
    filters_of,
    find_log_group,
    is_ours,
    listed,
    refuse_log_group,
    subscriptions_of,
    trail_is_ours,
)

# https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html (CloudWatch.1, CIS)
ROOT = '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType '
USAGE = ROOT + '!= "AwsServiceEvent" }'
# Root's API calls alone: a sign-in is of eventType AwsConsoleSignIn.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
API_CALLS = ROOT + '= "AwsApiCall" }'
EVENT_COUNT = "RootAccountUsageEventCount"

# Findings that nothing which is added here would mend. Each of the others is made whole, where the parameters
# allow for what it takes: a trail, a topic, somebody to tell.
FOR_A_PERSON = (
    "INVALID_|CANNOT_|NOT_DECIDED_|ROOT_|ALARM_WARMING_|ACTION_FAILED_|LOG_GROUP_PIPELINE|"
    "EVENT_|NO_EVENT_|REGION|NO_TARGET|TARGET|"
    "(TRAIL|LOG_GROUP|METRIC_FILTERS|ALARMS|SUBSCRIPTIONS)_UNREADABLE"
)
# A finding that names a region is of an EventBridge rule's chain, and nobody asked for an alarm beside it.
OF_A_REGION = "in (?!account)"

KEY_USE = ["kms:Decrypt", "kms:GenerateDataKey*"]

SUFFIXES = ("", "-2", "-3", "-4", "-5")

# Members of a metric filter or of its transformation that make it count something else, or elsewhere.
SPOILERS = (
    *("defaultValue", "dimensions", "applyOnTransformedLogs"),
    *("fieldSelectionCriteria", "emitSystemFieldDimensions"),
)

Signal = dict[str, str]


def handler(events: JSON, _context: Any) -> JSON:
    """What the account's chain lacks, and the names that the other steps need to make it whole."""
    said, rule_says = events["Compliance"], "The rule says: " + events["Annotation"]
    if said == "COMPLIANT" and not events["EventCountAlarm"]:
        return {"Chain": {}, "Signals": [], "WorkToDo": False, "Summary": "Nothing to do. " + rule_says}
    in_vain = CannotRemediate("nothing that this could add would help. " + rule_says)
    if said == "NOT_APPLICABLE" or re.match(FOR_A_PERSON, events["Code"]):
        raise in_vain
    if re.match(OF_A_REGION, events["Annotation"]):
        raise in_vain
    partition = boto3.client("sts", events["Region"]).get_caller_identity()["Arn"].split(":")[1]
    chain = {"Account": events["AccountId"], "Partition": partition, "Region": events["Region"]}
    missing, signals = choose_trail(events, chain), signals_of(events)
    missing += [lack for each in signals for lack in choose_filter(events, chain, each)]
    missing += choose_topic(events, chain, signals)
    lacks, is_pending = missing_subscription(events, chain)
    missing += lacks
    if said == "NON_COMPLIANT" and not missing and not is_pending:
        raise in_vain
    summary = ("Would: " if events["DryRun"] else "To do: ") + "; ".join(missing)
    return {
        "Chain": chain,
        "Signals": signals,
        "WorkToDo": bool(missing) and not events["DryRun"],
        "Summary": summary if missing else "Nothing to add. " + rule_says,
    }


def signals_of(events: JSON) -> list[Signal]:
    """What is counted, and the names to count it by."""
    names = {
        "Filter": events["MetricFilterName"],
        "Metric": events["MetricName"],
        "Alarm": events["AlarmName"],
    }
    signals = [{"Pattern": USAGE, **names}]
    if events["EventCountAlarm"]:
        names = {"Filter": EVENT_COUNT, "Metric": EVENT_COUNT, "Alarm": EVENT_COUNT + "Alarm"}
        signals.append({"Pattern": API_CALLS, **names})
    return signals


# -- the trail and its log group -------------------------------------------------------------------


def choose_trail(events: JSON, chain: Chain) -> list[str]:
    """Puts the best trail into the chain, or the one to create; returns what it lacks."""
    name, group = events["TrailName"], events["LogGroupName"]
    suitable, flaws = [], {}
    cloudtrail: Any = boto3.client("cloudtrail", chain["Region"])
    for trail in cloudtrail.describe_trails()["trailList"]:
        if name in ("", trail["Name"]):
            try:
                rank, lacks, role = judge(trail, events)
                suitable.append((rank, trail["Name"], lacks, role, trail))
            except CannotRemediate as flaw:
                flaws[trail["Name"]] = f"trail `{trail['Name']}` {flaw}"
    if suitable:
        _, name, lacks, role, trail = min(suitable, key=lambda each: each[:2])
        chain["Region"] = trail["HomeRegion"]
        group = (trail.get("CloudWatchLogsLogGroupArn") or 6 * ":" + group).split(":")[6]
    else:
        name = name or "root-usage-alarm"
        if not events["CreateTrail"] or name in flaws:
            reasons = "; ".join(flaws.values()) or f"no trail {events['TrailName']}".strip()
            raise CannotRemediate(reasons + "; or set CreateTrail true, and TrailName to a free name")
        lacks, role = (
            [f"create trail `{name}` (a second one is charged per event)"],
            delivery_role(events, {}),
        )
    if not suitable or not trail.get("CloudWatchLogsLogGroupArn"):
        logs = boto3.client("logs", chain["Region"])
        if find_log_group(logs, group) and not is_ours(logs, arn(chain, "logs", "log-group:" + group)):
            raise refuse_log_group(group)
    chain |= {"Trail": name, "LogGroup": group, "CreateTrail": "" if suitable else "yes", "Role": role}
    chain["TrailChanged"] = "yes" if lacks else ""
    return lacks


def judge(trail: JSON, events: JSON) -> tuple[int, list[str], str]:
    """The trail's rank, 0 is best, what it lacks, and the role to join it by; raises what makes it no use."""
    region, trail_arn = trail["HomeRegion"], trail["TrailARN"]
    owner = trail_arn.split(":")[4]
    group_arn = trail.get("CloudWatchLogsLogGroupArn") or f"arn::logs:{region}:{owner}:log-group:"
    _, _, _, group_region, keeper, _, name = group_arn.split(":")[:7]
    if (group_region, keeper) != (region, owner):
        raise CannotRemediate(
            f"delivers to log group `{name}` of account {keeper} in {group_region}, which this leaves alone: "
            "add metric filter and alarm there by hand"
        )
    if owner != events["AccountId"]:
        raise CannotRemediate(f"belongs to account {owner}: run this there, in {region}")
    if not trail.get("IsMultiRegionTrail"):
        raise CannotRemediate("records one region only")
    if trail.get("IncludeGlobalServiceEvents") is False:
        raise CannotRemediate("leaves out global service events")
    logs = boto3.client("logs", region)
    cloudtrail: Any = boto3.client("cloudtrail", region)
    if not records_everything(cloudtrail.get_event_selectors(TrailName=trail_arn)):
        raise CannotRemediate("doesn't record every management event")
    status, lacks = cloudtrail.get_trail_status(Name=trail_arn), []
    if not status["IsLogging"]:
        if not (events["CreateTrail"] and trail_is_ours(cloudtrail, trail_arn)):
            raise CannotRemediate("doesn't log")
        lacks = ["start its logging"]
    if not name:
        lacks.append(f"join trail `{trail['Name']}` to log group `{events['LogGroupName']}` (charged per GB)")
        return 1, lacks, delivery_role(events, trail)
    group = find_log_group(logs, name)
    if not group:
        return 2, [*lacks, f"create log group `{name}`"], ""
    is_stale = events["Code"] == "TRAIL_DELIVERY_STALE" and not is_new(group, status)
    if is_stale or group.get("logGroupClass", "STANDARD") != "STANDARD":
        flaw = "which got nothing lately" if is_stale else "whose class runs no metric filters"
        raise CannotRemediate(f"delivers to `{name}`, {flaw}")
    role = ""
    if error := status.get("LatestCloudWatchLogsDeliveryError"):
        role = role_instead(trail, events, name, error)
        lacks.append(f"have trail `{trail['Name']}` deliver by role `{role.split('/')[-1]}`")
    if "retentionInDays" not in group and is_ours(logs, group["arn"].removesuffix(":*")):
        lacks.append("set its retention")
    return 0, lacks, role


def is_new(group: JSON, status: JSON) -> bool:
    """Whether the trail may have been joined within the hour: what it is to deliver may still come."""
    made = group["creationTime"] / 1000
    return "LatestCloudWatchLogsDeliveryTime" not in status and time.time() - made < 3600


def role_instead(trail: JSON, events: JSON, group: str, error: str) -> str:
    """The role that delivers where our first one may not."""
    flaw = f"can't deliver to `{group}`: {error}"
    if not by_first_role(trail):
        raise CannotRemediate(flaw)
    role = delivery_role(events, {})
    # The stack's own role writes to the log groups that this makes.
    if ":role/RootUsageAlarmRule-delivery-" in role and not group.startswith("root-usage-alarm/"):
        raise CannotRemediate(flaw + "; set DeliveryRoleArn to a role that may write there")
    return role


def delivery_role(events: JSON, trail: JSON) -> str:
    """The role to join the trail by; raises what speaks against it."""
    if trail.get("IsOrganizationTrail") and not events["TrailName"]:
        raise CannotRemediate("would bring every member's events, and their cost: set TrailName")
    if not events["DeliveryRoleArn"]:
        raise CannotRemediate("needs a role to deliver by: set DeliveryRoleArn")
    return str(events["DeliveryRoleArn"])


def records_everything(selectors: JSON) -> bool:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html"""
    kinds = set()
    for each in selectors.get("EventSelectors", []):
        if each.get("IncludeManagementEvents", True) and not each.get("ExcludeManagementEventSources"):
            kinds |= {"All": {"true", "false"}, "ReadOnly": {"true"}}.get(each["ReadWriteType"], {"false"})
    for each in selectors.get("AdvancedEventSelectors", []):
        fields = {field["Field"]: field.get("Equals") for field in each["FieldSelectors"]}
        if fields.pop("eventCategory", None) == ["Management"] and not set(fields) - {"readOnly"}:
            kinds |= set(fields.get("readOnly") or ("true", "false"))
    return len(kinds) == 2


# -- metric filters and alarms ---------------------------------------------------------------------


def choose_filter(events: JSON, chain: Chain, signal: Signal) -> list[str]:
    """Nothing if a filter does it already; else the signal gets a name and a metric that are free."""
    logs, group = boto3.client("logs", chain["Region"]), chain["LogGroup"]
    signal["Namespace"] = events["MetricNamespace"]
    filters = filters_of(logs, logGroupName=group) if find_log_group(logs, group) else []
    for each in filters:
        (metric,) = each["metricTransformations"]
        found = {"Metric": metric["metricName"], "Namespace": metric["metricNamespace"]}
        if publishes(each, signal) and is_unmixed(logs, signal | found):
            signal |= found | {"Filter": each["filterName"]}
            return []
    base, metric_base = signal["Filter"], signal["Metric"]
    for suffix in SUFFIXES:
        signal |= {"Filter": base + suffix, "Metric": metric_base + suffix}
        if is_unmixed(logs, signal) and signal["Filter"] not in [each["filterName"] for each in filters]:
            return [f"create metric filter `{signal['Filter']}`"]
    raise CannotRemediate(f"metric filter names like `{base}` are taken: set MetricFilterName")


def is_unmixed(logs: Any, signal: Signal) -> bool:
    """Whether nothing else goes into the signal's metric: it would drown the signal, or hold the alarm."""
    others = filters_of(logs, metricName=signal["Metric"], metricNamespace=signal["Namespace"])
    return all(publishes(each, signal) for each in others)


def publishes(metric_filter: JSON, signal: Signal) -> bool:
    """Whether the filter puts a 1 into a metric for exactly the events of the signal."""
    (metric,) = metric_filter["metricTransformations"]
    return (
        clauses(metric_filter.get("filterPattern", "")) == clauses(signal["Pattern"])
        and metric["metricValue"] == "1"
        and metric.get("unit", "None") == "None"
        and not any(metric.get(each) or metric_filter.get(each) for each in SPOILERS)
    )


def clauses(pattern: str) -> list[str]:
    """The pattern's clauses without the blanks, quotes and parentheses that mean nothing."""
    text = re.sub(r'"(\w+)"', r"\1", pattern.strip().strip("{}"))
    return sorted(re.sub(r"[\s()]", "", text).split("&&"))


def ringing(cloudwatch: Any, signal: Signal) -> list[JSON]:
    """The alarms on the signal's metric that a single event rings, every time.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    metric = {"MetricName": signal["Metric"], "Namespace": signal["Namespace"]}
    return [
        alarm
        for alarm in cloudwatch.describe_alarms_for_metric(**metric)["MetricAlarms"]
        if alarm["ActionsEnabled"]
        and not alarm["Dimensions"]
        and not alarm.get("Unit")
        and alarm.get("Statistic") == "Sum"
        and 60 <= alarm["Period"] <= 3600
        and alarm["EvaluationPeriods"] == 1
        and (alarm["ComparisonOperator"], alarm["Threshold"])
        in (("GreaterThanOrEqualToThreshold", 1), ("GreaterThanThreshold", 0))
        and alarm.get("TreatMissingData") in (None, "missing", "notBreaching")
    ]


def choose_alarm(cloudwatch: Any, signal: Signal, topic: str, code: str) -> list[str]:
    """Nothing if an alarm does it already; else the signal gets an alarm name that is free, or ours."""
    for alarm in ringing(cloudwatch, signal):
        name = alarm["AlarmName"]
        # Another's alarm that the rule has judged isn't judged here once more.
        is_good = not code.startswith("ALARM_") or alarm_named(cloudwatch, name)[1]
        if is_good and topic in alarm["AlarmActions"]:
            signal |= {"Alarm": name, "PutAlarm": ""}
            return []
    base = signal["Alarm"]
    for suffix in SUFFIXES:
        signal |= {"Alarm": base + suffix, "PutAlarm": "yes"}
        if alarm_named(cloudwatch, signal["Alarm"])[1]:
            return [f"put alarm `{signal['Alarm']}`"]
    raise CannotRemediate(f"alarm names like `{base}` are taken: set AlarmName")


# -- topic and subscription ------------------------------------------------------------------------


def choose_topic(events: JSON, chain: Chain, signals: list[Signal]) -> list[str]:
    """Puts topic and alarms into the chain; returns what has to be created or mended."""
    cloudwatch, sns = boto3.client("cloudwatch", chain["Region"]), boto3.client("sns", chain["Region"])
    ours, flaw, hints = "", "", list[str]()
    topics = [events["TopicArn"]]
    if not events["TopicArn"]:
        ours = free_topic(sns, chain, events["TopicName"])
        others = told(chain, ringing(cloudwatch, signals[0]))
        # Another's topic that the rule has judged isn't judged here once more.
        is_judged = events["Code"].startswith("TOPIC_")
        working = (
            [] if is_judged else [each for each, alarm in others if not topic_flaw(chain, each, [alarm])[0]]
        )
        # First ours, where an alarm tells it: an earlier run had a reason to make it.
        topics = [ours, *working] if ours in working else [*working, ours]
        hints = [hint for each, _ in others for hint in by_hand(events["Code"], chain, each)]
    for topic in topics:
        tried = [dict(each) for each in signals]
        missing = [lack for each in tried for lack in choose_alarm(cloudwatch, each, topic, events["Code"])]
        alarms = [arn(chain, "cloudwatch", "alarm:" + each["Alarm"]) for each in tried]
        flaw, key = topic_flaw(chain, topic, alarms)
        is_there = not flaw.startswith("can't be verified")
        own = topic == ours or (
            is_there and topic.startswith(arn(chain, "sns", "")) and has_our_tag(sns, topic)
        )
        if own:
            # Of our own topic the next steps mend the policy; a key is changed only for one that is given.
            wanted = events["TopicKmsKeyArn"] or key
            if flaw or wanted != key:
                missing.append(f"create or mend topic `{topic}`")
            flaw = key_flaw(chain, wanted, alarms)
        if not flaw:
            signals[:] = tried
            chain |= {"Topic": topic, "OwnTopic": "yes" if own else ""}
            return missing + hints
    raise CannotRemediate(f"topic `{topics[-1]}` {flaw}")


def told(chain: Chain, alarms: list[JSON]) -> list[tuple[str, str]]:
    """The topics of the account that these alarms reach, each with the alarm."""
    return [
        (action, alarm["AlarmArn"])
        for alarm in alarms
        for action in alarm["AlarmActions"]
        if action.startswith(arn(chain, "sns", ""))
    ]


def by_hand(code: str, chain: Chain, topic: str) -> list[str]:
    """What a person may add to somebody else's policy instead, where nothing but that is wrong."""
    statements = {
        "TOPIC_POLICY_DENIES": ("", admission(chain, ["sns:Publish"], topic)),
        "TOPIC_KEY_DENIES": ("key of ", admission(chain, KEY_USE, "*")),
    }
    if code not in statements:
        return []
    whose, statement = statements[code]
    return [f"or by hand, in the policy of {whose}topic `{topic}`, add {statement}"]


def free_topic(sns: Any, chain: Chain, name: str) -> str:
    """Our topic, or one that isn't there."""
    for suffix in SUFFIXES:
        topic = arn(chain, "sns", name + suffix)
        try:
            if has_our_tag(sns, topic):
                return topic
        except sns.exceptions.ResourceNotFoundException:
            return topic
    raise CannotRemediate(f"topic names like `{name}` are taken: set TopicName or TopicArn")


def has_our_tag(sns: Any, topic: str) -> bool:
    return TAGS[0] in sns.list_tags_for_resource(ResourceArn=topic)["Tags"]


def topic_flaw(chain: Chain, topic: str, alarms: list[str]) -> tuple[str, str]:
    """Why no message of these alarms gets through the topic, empty if it does; and the topic's key."""
    if topic.split(":")[3] != chain["Region"] or topic.endswith(".fifo"):
        return f"isn't a standard topic in {chain['Region']}", ""
    try:
        sns = boto3.client("sns", chain["Region"])
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        key = attributes.get("KmsMasterKeyId", "")
        if not admits(attributes["Policy"], "sns:publish", chain, alarms):
            needed = admission(chain, ["sns:Publish"], topic)
            return f"doesn't let CloudWatch publish: its policy needs {needed}", key
        # Another account shows no key policy, and an alias means its own key: the rule judges it in the end.
        return key_flaw(chain, key, alarms) if topic.split(":")[4] == chain["Account"] else "", key
    except ClientError as error:
        return f"can't be verified: {error}", ""


def key_flaw(chain: Chain, key_id: str, alarms: list[str]) -> str:
    """Why CloudWatch can't use the key for the messages of these alarms; empty if it can.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    if key_id:
        kms = boto3.client("kms", chain["Region"])
        key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        policy = kms.get_key_policy(KeyId=key["Arn"], PolicyName="default")["Policy"]
        actions = "kms:decrypt", "kms:generatedatakey"
        usable = key["KeyManager"] != "AWS" and key["KeyState"] == "Enabled"
        if not usable:
            return f"has key `{key_id}`, which CloudWatch can't use: give another"
        if not all(admits(policy, each, chain, alarms) for each in actions):
            needed = admission(chain, KEY_USE, "*")
            return f"has key `{key_id}`, which CloudWatch can't use: its policy needs {needed}"
    return ""


def admission(chain: Chain, actions: list[str], resource: str) -> str:
    """The statement, to be pasted, that lets CloudWatch act for the account's alarms."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": chain["Account"]}},
    }
    return json.dumps(statement)


def admits(policy: str, action: str, chain: Chain, alarms: list[str]) -> bool:
    """Whether the policy lets CloudWatch act for the alarms; a Deny that might stop it counts as a no."""
    allowed = set()
    for statement in listed(json.loads(policy)["Statement"]):
        principal, condition = statement.get("Principal", "*"), statement.get("Condition", {})
        names = "*" if principal == "*" else [n for each in principal.values() for n in listed(each)]
        actions = [each.lower() for each in listed(statement.get("Action", "*"))]
        if not {"*", "cloudwatch.amazonaws.com"} & {*names} or not matches(action, actions):
            continue
        if statement["Effect"] == "Allow" and "Action" in statement:
            allowed |= {alarm for alarm in alarms if meets(condition, chain["Account"], alarm)}
        elif condition != {"Bool": {"aws:SecureTransport": "false"}}:
            return False
    return allowed == {*alarms}


def meets(condition: dict[str, JSON], account: str, alarm: str) -> bool:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"""
    facts = {"aws:sourceaccount": account, "aws:sourceowner": account, "aws:sourcearn": alarm}
    return all(
        operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
        and matches(facts.get(key.lower(), ""), listed(values))
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def matches(text: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(text, each) for each in patterns)


def missing_subscription(events: JSON, chain: Chain) -> tuple[list[str], bool]:
    """What the person whom the parameters name lacks to be told, and whether somebody has to confirm."""
    wanted = events["SubscriptionProtocol"], events["SubscriptionEndpoint"]
    sns = boto3.client("sns", chain["Region"])
    try:
        there = subscriptions_of(sns, chain["Topic"])
    except sns.exceptions.NotFoundException:
        there = []
    is_there = wanted in [(each["Protocol"], each["Endpoint"]) for each in there]
    is_pending = any(each["SubscriptionArn"][:4] != "arn:" for each in there)
    return [f"subscribe {wanted[1]}"] if wanted[1] and not is_there else [], is_pending
