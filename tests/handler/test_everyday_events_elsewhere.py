"""Noise of an organization's other accounts, whose events come to the same log group."""

from __future__ import annotations

from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    CIS_PATTERN,
    METRIC_NAME,
    METRIC_NAMESPACE,
    build_working_chain,
)
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, leading

THIRD_ACCOUNT_ID = "777788889999"
ROLE = {"ReadingRoleName": "RootUsageAlarmRule-reading"}
ROLES_AT_WORK = '{ $.userIdentity.type = "AssumedRole" }'


def root_or(condition: str) -> str:
    return f"{{ ({CIS_PATTERN[1:-1]}) || {condition} }}"


def under_an_organization_trail(account: Account, **links: Any) -> None:
    """The trail, its log group, filter, alarm and topic are another account's."""
    management = Account(OTHER_ACCOUNT_ID, REGION, account.endpoint_url)
    chain = build_working_chain(management, trail={"IsOrganizationTrail": True}, **links)
    hooks.show_organization_trail(chain.trail_arn, account.account_id)


def with_second_filter(account: Account, name: str = METRIC_NAME, **members: Any) -> None:
    """Another filter of the log group publishes to the same metric as the one of that name."""
    under_an_organization_trail(account, metric_filter={"filterName": name})
    management = Account(OTHER_ACCOUNT_ID, REGION, account.endpoint_url)
    management.client("logs").put_metric_filter(
        logGroupName="cloudtrail",
        metricTransformations=[
            {"metricName": METRIC_NAME, "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
        ],
        **{"filterName": "other", **members},
    )


IN_ACCOUNT = f"in account {OTHER_ACCOUNT_ID}: "
IS_DROWNED = (
    "metric filter `RootAccountUsageCount` is drowned: it also matches everyday events of other "
    "accounts, so a root event changes nothing. "
    "Give root usage a filter and metric of its own [PATTERN_DROWNED]"
)
MAY_BE_DROWNED = (
    "metric filter `RootAccountUsageCount` may be drowned: it may also match everyday events of other "
    "accounts, so a root event may change nothing. "
    "Give root usage a filter and metric of its own [PATTERN_DROWNED]"
)
MAY_BE_DROWNED_BY_ANOTHER = (
    "metric filter `RootAcco..sageCount` may be drowned: filter `other` on its metric may also match "
    "everyday events of other accounts, so a root event may change nothing. "
    "Give root usage a filter and metric of its own [PATTERN_DROWNED]"
)
UNDECIDED = (
    "cannot verify that metric filter `RootAccountUsageCount` matches no everyday events of other accounts "
    "({reason}), so a root event may change nothing. Use the CIS root usage pattern [PATTERN_UNDECIDED]"
)


@pytest.mark.parametrize(
    ("condition", "annotation"),
    [
        pytest.param(f'$.recipientAccountId = "{THIRD_ACCOUNT_ID}"', MAY_BE_DROWNED, id="all-of-an-account"),
        pytest.param(f'$.recipientAccountId != "{ACCOUNT_ID}"', IS_DROWNED, id="all-of-all-but-this-account"),
        pytest.param(
            f'$.userIdentity.accountId = "{OTHER_ACCOUNT_ID}"', IS_DROWNED, id="all-by-the-trails-owner"
        ),
        pytest.param(
            '$.recipientAccountId = "7777*"',
            UNDECIDED.format(reason="it tells accounts apart by parts of their ids").replace(
                "RootAccountUsageCount", "RootAc..geCount"
            ),
            id="part-of-an-id",
        ),
        pytest.param(
            f"($.eventName=GetRole&&{'&&'.join(f'$.recipientAccountId=9{n:011}' for n in range(20))})",
            UNDECIDED.format(reason="it tells more than 20 accounts apart"),
            id="too-many-accounts",
        ),
    ],
)
def test_3_pattern_that_also_matches_everyday_events_of_other_accounts(
    aws: LocalAws, account: Account, condition: str, annotation: str
) -> None:
    under_an_organization_trail(account, metric_filter={"filterPattern": root_or(condition)})

    invocation = invoke(aws, account, ROLE)

    assert invocation.evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert invocation.evaluation["Annotation"] == IN_ACCOUNT + annotation


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"filterPattern": f'{{ $.recipientAccountId = "{THIRD_ACCOUNT_ID}" }}'}, id="pattern"),
        pytest.param(
            {
                "filterPattern": ROLES_AT_WORK,
                "fieldSelectionCriteria": f'@aws.account = "{THIRD_ACCOUNT_ID}"',
            },
            id="criteria",
        ),
        pytest.param(
            {
                "filterPattern": ROLES_AT_WORK,
                "fieldSelectionCriteria": f'@aws.account NOT IN ["{ACCOUNT_ID}", "{OTHER_ACCOUNT_ID}"]',
            },
            id="criteria-for-the-other-members",
        ),
    ],
)
def test_3_second_filter_that_matches_everyday_events_of_other_accounts(
    aws: LocalAws, account: Account, members: dict[str, str]
) -> None:
    with_second_filter(account, **members)

    assert leading(invoke(aws, account, ROLE)) == (
        "NON_COMPLIANT",
        "PATTERN_DROWNED",
        IN_ACCOUNT + MAY_BE_DROWNED_BY_ANOTHER,
    )


def test_3_pattern_about_other_accounts_in_an_accounts_own_log_group(aws: LocalAws, account: Account) -> None:
    """Log centralization may bring other accounts' events into any log group."""
    build_working_chain(
        account,
        metric_filter={"filterPattern": root_or(f'$.recipientAccountId = "{THIRD_ACCOUNT_ID}"')},
    )

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", "PATTERN_DROWNED", MAY_BE_DROWNED)


def test_3_remedy_stays_whole_with_the_longest_names(aws: LocalAws, account: Account) -> None:
    """AWS takes 512 characters for the name of a metric filter."""
    with_second_filter(
        account,
        "r" * 512,
        filterName="o" * 512,
        filterPattern=f'{{ $.recipientAccountId = "{THIRD_ACCOUNT_ID}" }}',
    )

    annotation = invoke(aws, account, ROLE).evaluation["Annotation"]

    assert len(annotation) <= 256
    assert annotation.startswith(IN_ACCOUNT + "metric filter `rrr")
    assert annotation.endswith(
        "may also match everyday events of other accounts, so a root event may change nothing. "
        "Give root usage a filter and metric of its own [PATTERN_DROWNED]"
    )


def test_1_filter_for_root_of_every_member_is_no_noise(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account)

    assert invoke(aws, account, ROLE).evaluation["ComplianceType"] == "COMPLIANT"
