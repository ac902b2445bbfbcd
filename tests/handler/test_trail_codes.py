"""The codes of trails, log groups and filter patterns that tests/test_handler.py doesn't lead to."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import CIS_PATTERN, UNSET, build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, Build, leading


def under_an_organization_trail(account: Account) -> None:
    management = Account(OTHER_ACCOUNT_ID, REGION, account.endpoint_url)
    chain = build_working_chain(management, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, account.account_id)


def without_global_events(account: Account) -> None:
    """CreateTrail refuses that of a multi-region trail, UpdateTrail doesn't."""
    chain = build_working_chain(account)
    account.client("cloudtrail").update_trail(Name=chain.trail_arn, IncludeGlobalServiceEvents=False)


ALL_EVENTS = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
CHANNEL = "aws-service-channel/cloudwatch/logs"


def with_channel(
    account: Account, selectors: Any, *, name: str = CHANNEL, all_regions: bool = False, **chain: Any
) -> None:
    """An account whose events CloudWatch gets by a channel, without a trail unless `chain` has one."""
    build_working_chain(account, **({"trail": None} | chain))
    config = {"ApplyToAllRegions": all_regions, "AdvancedEventSelectors": selectors}
    hooks.open_channel(account.account_id, account.region, name, config)


# Where an event's own region may differ from its log group's.
OF_ITS_REGION = f'@aws.region = "{REGION}"'

BROKEN = [
    pytest.param(
        partial(with_channel, selectors=ALL_EVENTS),
        "CHANNEL_UNDECIDED",
        "channel `aws-service-channel/cloudwatch/logs` records management events, of eu-west-1 only; "
        "AWS shows neither its log group nor its format, so no alarm is proven to hear root. "
        "Create a multi-region trail that delivers to a log group",
        id="channel",
    ),
    pytest.param(
        partial(build_working_chain, event_selectors=[{"ReadWriteType": "ReadOnly"}]),
        "TRAIL_WITHOUT_WRITE_EVENTS",
        "trail `account-trail` records read events only, so root's sign-ins and changes go unseen. "
        "Record write management events too",
        id="read-only-trail",
    ),
    pytest.param(
        partial(
            build_working_chain,
            advanced_event_selectors=[
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "sessionCredentialFromConsole", "Equals": ["true"]},
                    ]
                }
            ],
        ),
        "TRAIL_SELECTORS_UNDECIDED",
        "trail `account-trail` has an event selector that this rule can't decide "
        "(`Equals on sessionCredentialFromConsole`), so root events may go unseen. "
        "Record all management events, with no condition but eventCategory",
        id="selector-on-the-session",
    ),
    pytest.param(
        without_global_events,
        "TRAIL_WITHOUT_GLOBAL_EVENTS",
        "trail `account-trail` leaves out global service events, so root's sign-ins and IAM calls go unseen. "
        "Include global service events (UpdateTrail)",
        id="trail-without-global-events",
    ),
    pytest.param(
        under_an_organization_trail,
        "TRAIL_OF_ANOTHER_ACCOUNT",
        "cannot verify: trail `account-trail` belongs to account 444455556666, "
        "where its log group, alarm and topic are. "
        "Name a role there that may read them in parameter ReadingRoleName",
        id="organization-trail",
    ),
    pytest.param(
        partial(
            build_working_chain, trail={"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
        ),
        "TRAIL_WITHOUT_LOG_GROUP",
        "trail `account-trail` doesn't deliver to CloudWatch Logs, so no filter sees root events. "
        "Join it to a log group",
        id="trail-to-s3-only",
    ),
    pytest.param(
        partial(
            build_working_chain,
            trail={
                "CloudWatchLogsLogGroupArn": f"arn:aws:logs:us-west-2:{ACCOUNT_ID}:log-group:cloudtrail:*"
            },
        ),
        "LOG_GROUP_ELSEWHERE",
        "trail `account-trail` names `arn:aws:logs:us-west-2:111122223333:log-group:cloudtrail:*`, "
        "which is no log group of its home region and account, so nothing arrives there. "
        "Join it to a log group in eu-west-1",
        id="log-group-of-another-region",
    ),
    pytest.param(
        partial(
            build_working_chain,
            metric_filter={"filterPattern": CIS_PATTERN.replace(" }", ' && $.awsRegion != "us-west-2" }')},
        ),
        "PATTERN_MISSES_ROOT_EVENT",
        "metric filter `RootAccountUsageCount`: misses us-west-2, so no one is told of it. "
        "Use the CIS root usage pattern",
        id="pattern-without-a-region",
    ),
    pytest.param(
        partial(
            build_working_chain,
            metric_filter={
                "filterPattern": f'{{ $.userIdentity.type = "Root" && $.recipientAccountId = {ACCOUNT_ID} }}'
            },
        ),
        "PATTERN_UNDECIDED",
        "cannot verify that metric filter `RootAccountUsageCount` matches all root events "
        "(depends on whether a number equals a string of digits; TestMetricFilter can tell), "
        "so one may go unheard. "
        "Use the CIS root usage pattern",
        id="account-id-without-quotes",
    ),
    pytest.param(
        partial(build_working_chain, metric_filter={"fieldSelectionCriteria": OF_ITS_REGION}),
        "PATTERN_UNDECIDED",
        "cannot verify that metric filter `RootAccountUsageCount` matches all root events "
        "(the log says why), so one may go unheard. "
        "Use the CIS root usage pattern, without fieldSelectionCriteria",
        id="criteria-on-the-region",
    ),
    pytest.param(
        partial(
            build_working_chain,
            metric_filter={"fieldSelectionCriteria": f"@aws.account = '{ACCOUNT_ID}'"},
        ),
        "PATTERN_UNDECIDED",
        "cannot verify that metric filter `RootAccountUsageCount` matches all root events "
        "(the log says why), so one may go unheard. "
        "Use the CIS root usage pattern, without fieldSelectionCriteria",
        id="criteria-in-single-quotes",
    ),
    pytest.param(
        partial(build_working_chain, metric_filter={"filterPattern": '{ $.userIdentity.type == "Root" }'}),
        "PATTERN_UNDECIDED",
        "cannot verify that metric filter `RootAccountUsageCount` matches all root events "
        "(the log says why), so one may go unheard. Use the CIS root usage pattern",
        id="pattern-with-two-equals-signs",
    ),
    pytest.param(
        partial(
            build_working_chain,
            metric_filter={
                "filterPattern": CIS_PATTERN.replace(
                    " }", f" && $.requestParameters.{'x' * 200} NOT EXISTS }}"
                )
            },
        ),
        "PATTERN_MISSES_ROOT_EVENT",
        "metric filter `RootAccountUsageCount`: "
        f"misses, for example, root events with `requestParameters.{'x' * 27}..{'x' * 45}`, "
        "so no one is told of it. Use the CIS root usage pattern",
        id="pattern-without-a-field-of-a-long-name",
    ),
    pytest.param(
        partial(build_working_chain, metric_filter={"filterPattern": ""}),
        "PATTERN_DROWNED",
        "metric filter `RootAccountUsageCount` is drowned: it also matches everyday events "
        "(DescribeInstances by others), so a root event changes nothing. "
        "Give root usage a filter and metric of its own",
        id="pattern-that-matches-everything",
    ),
]


@pytest.mark.parametrize(("build", "code", "annotation"), BROKEN)
def test_3_broken_link_is_named(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    build(account)

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_3_whole_reason_of_an_undecided_pattern_is_in_the_log(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, metric_filter={"fieldSelectionCriteria": OF_ITS_REGION})

    (finding,) = invoke(aws, account).log["findings"]

    assert finding["message"] == (
        "cannot verify that metric filter `RootAccountUsageCount` matches all root events "
        "(depends on whether `@aws.region` and `@aws.account` are the event's or its log group's), "
        "so one may go unheard"
    )
