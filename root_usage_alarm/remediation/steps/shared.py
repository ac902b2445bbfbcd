"""What more than one step needs. The builder puts into each step only the definitions that it uses."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

JSON = dict[str, Any]
Chain = dict[str, str]

TAGS = [{"Key": "CreatedBy", "Value": "root-usage-alarm"}]


class CannotRemediate(Exception):
    """What a person has to do before this can go on."""


def patiently(call: Callable[[], Any], *codes: str) -> Any:
    """The call's answer, once AWS sees everywhere what was made a moment ago.

    Until then it answers with an error whose code begins with one of these.
    """
    for pause in (5, 10, 20, 40, 0):
        try:
            return call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if not pause or not code.startswith(codes):
                raise
            print(f"waiting {pause} s for what was just made: {code}")
        time.sleep(pause)
    return None


def arn(chain: Chain, service: str, resource: str) -> str:
    return f"arn:{chain['Partition']}:{service}:{chain['Region']}:{chain['Account']}:{resource}"


def pages(api: Any, operation: str, key: str, **arguments: Any) -> list[Any]:
    return [each for page in api.get_paginator(operation).paginate(**arguments) for each in page[key]]


def filters_of(logs: Any, **arguments: str) -> list[JSON]:
    return pages(logs, "describe_metric_filters", "metricFilters", **arguments)


def subscriptions_of(sns: Any, topic: str) -> list[dict[str, str]]:
    return pages(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)


def find_log_group(logs: Any, name: str) -> JSON | None:
    groups = pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    return next((group for group in groups if group["logGroupName"] == name), None)


def is_ours(logs: Any, log_group_arn: str) -> bool:
    tags = logs.list_tags_for_resource(resourceArn=log_group_arn)["tags"]
    return bool(tags.get("CreatedBy") == "root-usage-alarm")


def refuse_log_group(name: str) -> CannotRemediate:
    return CannotRemediate(f"log group `{name}` is someone else's: set LogGroupName to a free name")


def trail_is_ours(cloudtrail: Any, trail_arn: str) -> bool:
    (resource,) = cloudtrail.list_tags(ResourceIdList=[trail_arn])["ResourceTagList"]
    return TAGS[0] in resource["TagsList"]


def by_first_role(trail: JSON) -> bool:
    """Earlier versions made that role themselves, with a trust whose conditions CloudTrail may not meet."""
    return ":role/root-usage-alarm-" in trail.get("CloudWatchLogsRoleArn", "")


def alarm_named(cloudwatch: Any, name: str) -> tuple[JSON | None, bool]:
    """The alarm of that name, plain or composite, and whether it may be put: a free name, or ours."""
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    for alarm in [each for kind in kinds for each in found[kind + "s"]]:
        tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return alarm, TAGS[0] in tags
    return None, True


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def judgement(region: str, account: str, rule: str, is_first: bool) -> dict[str, str]:
    """What the Config rule says of the account now; nothing where no rule is named.

    AWS doesn't say that one of a result's three times is renewed where the rest stays the same: the first
    time an old NON_COMPLIANT does as well, an old COMPLIANT never.
    https://docs.aws.amazon.com/config/latest/APIReference/API_EvaluationResult.html
    """
    if not rule:
        return {"Compliance": "", "Annotation": "", "Code": ""}
    config = boto3.client("config", region)
    rules = [each["ConfigRuleName"] for each in pages(config, "describe_config_rules", "ConfigRules")]
    # In a conformance pack AWS Config puts an ending to the name.
    named = [each for each in rules if each == rule or each.startswith(rule + "-conformance-pack-")]
    if not named:
        raise CannotRemediate(f"no config rule `{rule}` in {region}: deploy it, or set ConfigRuleName")
    before, is_started = result_of(config, named[0], account), False
    for _ in range(45):
        if not is_started:
            before, is_started = result_of(config, named[0], account), starts(config, named[0])
        time.sleep(5)
        now = result_of(config, named[0], account)
        if is_started and now != before:
            return judged(now["ComplianceType"], now.get("Annotation", ""))
    if is_first and before.get("ComplianceType") == "NON_COMPLIANT":
        return judged("NON_COMPLIANT", before.get("Annotation", ""))
    raise CannotRemediate(f"config rule `{named[0]}` says nothing new: see its function's log")


def result_of(config: Any, rule: str, account: str) -> JSON:
    kinds = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"]
    answer = config.get_compliance_details_by_config_rule(ConfigRuleName=rule, ComplianceTypes=kinds)
    for each in answer["EvaluationResults"]:
        if each["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"] == account:
            return dict(each)
    return {}


def starts(config: Any, rule: str) -> bool:
    """False while another evaluation is under way, which may have read what holds no more.

    https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html
    """
    try:
        config.start_config_rules_evaluation(ConfigRuleNames=[rule])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("LimitExceededException", "ResourceInUseException"):
            raise
        return False
    return True


def judged(compliance: str, annotation: str) -> dict[str, str]:
    """With the code of the finding that the annotation leads with; names in it may look like one."""
    found = re.search(r" \[([A-Z_]+)\](; [^`\[\]]*)?$", annotation)
    return {"Compliance": compliance, "Annotation": annotation, "Code": found[1] if found else ""}


def root_session(region: str, account: str, task: str) -> Any:
    """An IAM client as root of a member account, able to do that task alone, for a quarter of an hour.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    # Only regional endpoints know AssumeRoot, and older SDKs prefer the global one.
    os.environ["AWS_STS_REGIONAL_ENDPOINTS"] = "regional"
    sts: Any = boto3.client("sts", region)
    partition = sts.get_caller_identity()["Arn"].split(":")[1]
    policy = {"arn": f"arn:{partition}:iam::aws:policy/root-task/{task}"}
    keys = sts.assume_root(TargetPrincipal=account, TaskPolicyArn=policy, DurationSeconds=900)["Credentials"]
    return boto3.client(
        "iam",
        region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def credentials_of(iam: Any) -> JSON:
    """What the root user holds; without a user name, IAM answers for the caller."""
    try:
        iam.get_login_profile()
        has_password = True
    except iam.exceptions.NoSuchEntityException:
        has_password = False
    certificates = iam.list_signing_certificates()["Certificates"]
    return {
        "AccessKeys": [each["AccessKeyId"] for each in iam.list_access_keys()["AccessKeyMetadata"]],
        "SigningCertificates": [each["CertificateId"] for each in certificates],
        "MfaDevices": [each["SerialNumber"] for each in iam.list_mfa_devices()["MFADevices"]],
        "LoginProfile": has_password,
    }
