"""Runs parliament over every role of every template: `python -m tests.deployment.policy_lint`.

cfn-lint knows a policy's grammar; parliament knows IAM's actions, and which resources each takes.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from root_usage_alarm.build import TEMPLATES
from root_usage_alarm.deployment.policies import JSON
from tests.deployment.filled_in import inline_policies

# parliament 1.6.4's list of IAM actions is older than alarm mute rules and CloudWatch pipelines.
YOUNGER_THAN_PARLIAMENT = ("cloudwatch:ListAlarmMuteRules", "observabilityadmin:ListTelemetryPipelines")

# What parliament says of these, and why it stands.
KNOWN = {
    # Composite alarms are shown to those only who may describe every alarm (API_DescribeAlarms).
    "RESOURCE_STAR: ['cloudwatch:DescribeAlarms']",
    # IAM checks it against `log-group::log-stream:`, which `log-group:*` covers; parliament's list is older.
    "RESOURCE_MISMATCH: [{'action': 'logs:DescribeLogGroups', 'required_format': '*'}]",
    # The remediation makes the bucket of a new trail, and its policy for CloudTrail; it holds nothing else.
    *(
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION: Possible resource policy privilege escalation on "
        f"arn:aws:s3:::root-usage-alarm-111122223333-* due to s3:{action}Object not being allowed, "
        "but does allow s3:PutBucketPolicy"
        for action in ("Get", "Put", "Delete")
    ),
}


def main() -> int:
    """Prints what it finds; the number of findings."""
    found = [f"{name} {role}: {each}" for name, role, policy in _policies() for each in findings(policy)]
    for line in found:
        print(line)
    return len(found)


def findings(policy: JSON) -> list[str]:
    """What parliament has to say of the policy and isn't known to be right, sorted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources, which is deprecated
        parliament: Any = importlib.import_module("parliament")
    text = json.dumps(policy | {"Statement": [_known_to_parliament(each) for each in policy["Statement"]]})
    said = {f"{each.issue}: {each.detail}" for each in parliament.analyze_policy_string(text).findings}
    return sorted(said - KNOWN)


def _policies() -> Iterator[tuple[str, str, JSON]]:
    """Each inline policy, with its template's name and its role's."""
    for name, make in TEMPLATES.items():
        for role, resource in make()["Resources"].items():
            if resource["Type"] == "AWS::IAM::Role":
                for policy in inline_policies(resource["Properties"]):
                    yield name, role, policy


def _known_to_parliament(statement: JSON) -> JSON:
    return statement | {
        "Action": [each for each in statement["Action"] if each not in YOUNGER_THAN_PARLIAMENT]
    }


if __name__ == "__main__":
    sys.exit(min(main(), 1))
