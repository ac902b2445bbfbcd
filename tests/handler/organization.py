"""Organization trails: the management account has the trail, and it or a third account the log group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import Chain, build_working_chain
from tests.handler.evaluation import OTHER_ACCOUNT_ID, REGION

MANAGEMENT = OTHER_ACCOUNT_ID
DELEGATED = "777788889999"
ROLE = {"ReadingRoleName": "RootUsageAlarmRule-reading"}


def under_an_organization_trail(
    member: Account, *, region: str = REGION, trail: Mapping[str, Any] = {}, **links: Any
) -> Chain:
    """The whole chain is the management account's; `links` are build_working_chain's."""
    owner = Account(MANAGEMENT, region, member.endpoint_url)
    chain = build_working_chain(owner, trail={"IsOrganizationTrail": True, **trail}, **links)
    hooks.show_organization_trail(chain.trail_arn, member.account_id)
    return chain


def under_a_delegated_administrators_trail(account: Account, **links: Any) -> Chain:
    """The trail has the management account's ARN; the chain from the log group on is the third account's.

    `account` is any of the organization's.
    """
    chain = build_working_chain(delegated(account), trail=None, **links)
    trail = build_working_chain(
        management(account),
        trail={"IsOrganizationTrail": True, "CloudWatchLogsLogGroupArn": chain.log_group_arn},
        log_group=None,
        metric_filter=None,
        alarm=None,
        topic=None,
    )
    for account_id in {account.account_id, DELEGATED} - {MANAGEMENT}:
        hooks.show_organization_trail(trail.trail_arn, account_id)
    return chain


def management(account: Account) -> Account:
    return Account(MANAGEMENT, account.region, account.endpoint_url)


def delegated(account: Account) -> Account:
    return Account(DELEGATED, account.region, account.endpoint_url)
