"""The demo's accounts: each is the working chain with one thing changed, and what people say of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ..local_aws import Account, hooks
from ..local_aws.accounts import (
    CIS_PATTERN,
    METRIC_NAMESPACE,
    build_event_rules,
    build_working_chain,
    put_alarm,
)

Build = Callable[[Account], Any]

SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'
ALL_BUT_SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName != "ConsoleLogin" }'
ODD_BUT_WHOLE = (
    '{ ($.userIdentity.arn = "*:root") && (($.eventName = "Get*") || ($.eventName != "Get*")) '
    '&& $.userIdentity.type != "AWSService" }'
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """An account, in the words of whoever set it up."""

    title: str
    build: Build
    parameters: Mapping[str, str] = field(default_factory=dict)


def _two_filters(account: Account) -> None:
    chain = build_working_chain(account, metric_filter={"filterPattern": SIGN_INS})
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="the-rest",
        filterPattern=ALL_BUT_SIGN_INS,
        metricTransformations=[
            {
                "metricName": "RootCalls",
                "metricNamespace": account.named(METRIC_NAMESPACE),
                "metricValue": "1",
            }
        ],
    )
    put_alarm(account, chain, {"AlarmName": account.named("root-calls"), "MetricName": "RootCalls"})


def _composite(account: Account) -> None:
    chain = build_working_chain(account, alarm={"AlarmActions": []})
    account.client("cloudwatch").put_composite_alarm(
        AlarmName=account.named("page-security"),
        AlarmRule=f'ALARM("{chain.alarm_name}")',
        AlarmActions=[chain.topic_arn],
    )


def _muted(account: Account) -> None:
    chain = build_working_chain(account)
    account.client("cloudwatch").put_alarm_mute_rule(
        Name=account.named("quiet-migration"),
        Rule={
            "Schedule": {
                "Expression": f"at({datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M})",
                "Duration": "P2D",
                "Timezone": "UTC",
            }
        },
        MuteTargets={"AlarmNames": [chain.alarm_name]},
    )


def _aws_managed_key(account: Account) -> None:
    build_working_chain(account, topic={"KmsMasterKeyId": "alias/aws/sns"})


def _no_trail(account: Account) -> None:
    build_working_chain(account, trail=None)


# https://repost.aws/knowledge-center/root-user-account-eventbridge-rule
AWS_RECIPE = json.dumps(
    {
        "detail-type": ["AWS Console Sign In via CloudTrail"],
        "detail": {"userIdentity": {"type": ["Root"]}},
    }
)
ADMITS_ALARMS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": "*",
            }
        ],
    }
)
BY_RULES = {"AcceptedWays": "alarm,eventbridge"}


def _rules(
    account: Account,
    *,
    forgotten: bool = False,
    rule: Mapping[str, str] = {},
    topic: Mapping[str, str] = {},
) -> None:
    """No alarm, but a rule of EventBridge in both regions that the account can use."""
    regions = (account.region, "eu-west-1")
    hooks.enable_regions(account.account_id, *regions)
    build_event_rules(account, regions[: 1 if forgotten else 2], rule=rule, topic=topic)


SCENARIOS = (
    Scenario("all is well", build_working_chain),
    Scenario("no trail at all", _no_trail),
    Scenario("the trail was stopped", partial(build_working_chain, logging=False)),
    Scenario(
        "the trail records changes only",
        partial(
            build_working_chain,
            event_selectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
        ),
    ),
    Scenario(
        "the log group is cheap",
        partial(build_working_chain, log_group={"logGroupClass": "INFREQUENT_ACCESS"}),
    ),
    Scenario("no metric filter", partial(build_working_chain, metric_filter=None)),
    Scenario(
        "the filter watches sign-ins",
        partial(build_working_chain, metric_filter={"filterPattern": SIGN_INS}),
    ),
    Scenario(
        "the filter leaves a region out",
        partial(
            build_working_chain,
            metric_filter={"filterPattern": CIS_PATTERN.replace(" }", ' && $.awsRegion != "us-west-2" }')},
        ),
    ),
    Scenario("two filters that cover only together", _two_filters),
    Scenario(
        "a filter that no regular expression knows",
        partial(build_working_chain, metric_filter={"filterPattern": ODD_BUT_WHOLE}),
    ),
    Scenario(
        "the filter matches everything", partial(build_working_chain, metric_filter={"filterPattern": ""})
    ),
    Scenario("the alarm wants 5 events", partial(build_working_chain, alarm={"Threshold": 5.0})),
    Scenario("the alarm takes the average", partial(build_working_chain, alarm={"Statistic": "Average"})),
    Scenario(
        "the alarm ignores missing data",
        partial(
            build_working_chain,
            transformation={"defaultValue": 0.0},
            alarm={"TreatMissingData": "ignore"},
        ),
    ),
    Scenario("the alarm names a unit", partial(build_working_chain, alarm={"Unit": "Count"})),
    Scenario(
        "the alarm names a dimension",
        partial(build_working_chain, alarm={"Dimensions": [{"Name": "Account", "Value": "prod"}]}),
    ),
    Scenario(
        "somebody disabled the alarm's actions", partial(build_working_chain, alarm={"ActionsEnabled": False})
    ),
    Scenario("a mute rule is active", _muted),
    Scenario("a composite alarm tells for it", _composite),
    Scenario("the topic uses SNS's own key", _aws_managed_key),
    Scenario("nobody pressed the link in the mail", partial(build_working_chain, confirmed=False)),
    Scenario("nobody subscribed", partial(build_working_chain, subscriptions=[])),
    Scenario("no alarm, but EventBridge rules in both regions", _rules, BY_RULES),
    Scenario(
        "AWS's recipe for an EventBridge rule", partial(_rules, rule={"EventPattern": AWS_RECIPE}), BY_RULES
    ),
    Scenario("the rule is in one region only", partial(_rules, forgotten=True), BY_RULES),
    Scenario("the rules are just ENABLED", partial(_rules, rule={"State": "ENABLED"}), BY_RULES),
    Scenario(
        "the rules' topics admit alarms only", partial(_rules, topic={"Policy": ADMITS_ALARMS}), BY_RULES
    ),
)
