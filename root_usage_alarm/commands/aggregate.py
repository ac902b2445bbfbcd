"""Reads the rule's results from an AWS Config aggregator: every account, each with its annotation.

Two kinds of calls: one page of a thousand accounts says who is compliant, and one call for each
account gets the annotation, as AWS Config offers no other way.
https://docs.aws.amazon.com/config/latest/APIReference/API_GetAggregateComplianceDetailsByConfigRule.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError
from root_usage.verdict.annotation import code_in, may_leave_out_findings

from .account_results import MORE, NO_RESULT, AccountResult, Key

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.literals import ComplianceTypeType
    from mypy_boto3_organizations import OrganizationsClient

# AWS doesn't publish the rate of these calls; botocore's adaptive mode finds it, for all workers together.
WORKERS = 8
MOST_PER_PAGE = 1_000
RESULTS = {"COMPLIANT", "NON_COMPLIANT"}


@dataclass(frozen=True, slots=True)
class Row:
    """The rule in one account and region, before its annotation is known."""

    account_id: str
    region: str
    rule: str
    compliance_type: str

    @property
    def key(self) -> Key:
        return self.account_id, self.region, self.rule


def rows_of(config: ConfigServiceClient, aggregator: str, rule: str, expected: Iterable[str]) -> list[Row]:
    """The rule in every account: by its own name, else by those that AWS generates from it.

    `expected` are the accounts that should have it.
    """
    own = list(_rows(config, aggregator, {"Filters": {"ConfigRuleName": rule}}))
    missing = sorted(set(expected) - {each.account_id for each in own})
    # All rules of all accounts are many pages; those of a few accounts aren't.
    others = _rows_of_accounts(config, aggregator, missing) if own else _rows(config, aggregator, {})
    return [*own, *(each for each in others if is_named_after(each.rule, rule))]


def is_named_after(generated: str, rule: str) -> bool:
    """Whether an organization rule or a conformance pack made the name.

    `OrgConfigRule-<rule>-<hash>`, `<rule>-conformance-pack-<hash>`.
    """
    name = re.escape(rule)
    return bool(re.fullmatch(f"OrgConfigRule-{name}-[a-z0-9]+|{name}-conformance-pack-[a-z0-9]+", generated))


def expected_accounts(
    config: ConfigServiceClient, organizations: OrganizationsClient, aggregator: str
) -> tuple[dict[str, str], str]:
    """The accounts that should have a result with their names, and why there may be more of them."""
    found = dict.fromkeys(sources_of(config, aggregator), "")
    try:
        return found | active_accounts(organizations), ""
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in {"AccessDeniedException", "AWSOrganizationsNotInUseException"}:
            raise
        # Only the management account and delegated administrators may list the organization; an
        # aggregator over a list of accounts knows them all by itself.
        lacks = f"accounts without a result may be missing: organizations:ListAccounts answered {code}"
        return found, "" if found else lacks


def active_accounts(organizations: OrganizationsClient) -> dict[str, str]:
    """The names of the organization's active accounts by their numbers.

    No rule runs in a suspended account. Its root may sign in for 90 days more, to see bills and reopen it.

    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html
    """
    return {
        each["Id"]: each.get("Name", "")
        for page in organizations.get_paginator("list_accounts").paginate()
        for each in page["Accounts"]
        if each.get("State", each.get("Status")) == "ACTIVE"
    }


def detailed(
    config: ConfigServiceClient, aggregator: str, rows: Iterable[Row], tell: Callable[[AccountResult], None]
) -> list[AccountResult]:
    """The results with their annotations, several at a time; `tell` hears of each as it comes."""

    def read(row: Row) -> AccountResult:
        result = _result(config, aggregator, row)
        tell(result)
        return result

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return list(pool.map(read, rows))


def with_accounts_without_result(
    results: Iterable[AccountResult], expected: Iterable[str]
) -> list[AccountResult]:
    """The results, and each account that should have one and has none."""
    results = list(results)
    missing = set(expected) - {each.account_id for each in results}
    nothing = [AccountResult(each, note="the rule has no result here") for each in sorted(missing)]
    return [*results, *nothing]


def _rows_of_accounts(config: ConfigServiceClient, aggregator: str, accounts: Iterable[str]) -> list[Row]:
    def read(account_id: str) -> list[Row]:
        try:
            return list(_rows(config, aggregator, {"Filters": {"AccountId": account_id}}))
        except config.exceptions.ValidationException:
            return []  # AWS doesn't say what it answers for an account that the aggregator doesn't read

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return [row for rows in pool.map(read, accounts) for row in rows]


def _rows(config: ConfigServiceClient, aggregator: str, filters: dict[str, Any]) -> Iterator[Row]:
    pages = config.get_paginator("describe_aggregate_compliance_by_config_rules").paginate(
        ConfigurationAggregatorName=aggregator, PaginationConfig={"PageSize": MOST_PER_PAGE}, **filters
    )
    for page in pages:
        for each in page["AggregateComplianceByConfigRules"]:
            kind = each.get("Compliance", {}).get("ComplianceType", "INSUFFICIENT_DATA")
            yield Row(each["AccountId"], each["AwsRegion"], each["ConfigRuleName"], kind)


def sources_of(config: ConfigServiceClient, aggregator: str) -> Iterator[str]:
    """The accounts that an aggregator over a list of accounts names."""
    paginator = config.get_paginator("describe_configuration_aggregator_sources_status")
    for page in paginator.paginate(ConfigurationAggregatorName=aggregator):
        for each in page["AggregatedSourceStatusList"]:
            if each.get("SourceType") == "ACCOUNT":
                yield each["SourceId"]


def _result(config: ConfigServiceClient, aggregator: str, row: Row) -> AccountResult:
    result = AccountResult(row.account_id, row.region, row.compliance_type, rule=row.rule)
    if row.compliance_type not in RESULTS:
        return replace(result, compliance_type=NO_RESULT, note=f"AWS Config shows {row.compliance_type}")
    try:
        details = _details(config, aggregator, row)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return replace(result, note=f"{error.operation_name} answered {code}")
    annotation, recorded = details.get("Annotation", ""), details.get("ResultRecordedTime")
    finding = code_in(annotation)
    return replace(
        result,
        annotation=annotation,
        code=finding.name if finding else "",
        other_codes=MORE if may_leave_out_findings(annotation) else "",
        recorded_at=recorded.astimezone(UTC).isoformat(timespec="seconds") if recorded else "",
    )


def _details(config: ConfigServiceClient, aggregator: str, row: Row) -> dict[str, Any]:
    """Pages may be empty and have another behind them."""
    paginator = config.get_paginator("get_aggregate_compliance_details_by_config_rule")
    pages = paginator.paginate(
        ConfigurationAggregatorName=aggregator,
        ConfigRuleName=row.rule,
        AccountId=row.account_id,
        AwsRegion=row.region,
        ComplianceType=cast("ComplianceTypeType", row.compliance_type),
    )
    return next((dict(each) for page in pages for each in page["AggregateEvaluationResults"]), {})
