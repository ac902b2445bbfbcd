"""The smoke test that `rdk test-local` runs; the project's tests are in tests/."""

import unittest
from typing import Any

from rdklib import ComplianceType, Evaluation
from root_usage.parameters import parse_parameters

import RootUsageAlarmRule as rule

EVENT = {
    "accountId": "111122223333",
    "configRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-abc123",
}


class NoAws:
    """A client factory for runs that must not call AWS."""

    def build_client(self, service: str, region: str | None = None) -> Any:
        raise AssertionError(f"asked for {service} in {region}")


class SmokeTest(unittest.TestCase):
    def evaluate(self, parameters: dict[str, str]) -> list[Evaluation]:
        evaluations: list[Evaluation] = rule.RootUsageAlarmRule().evaluate_periodic(
            EVENT, NoAws(), parse_parameters(parameters)
        )
        return evaluations

    def test_5_bad_parameter_is_non_compliant(self) -> None:
        self.assertEqual(
            self.evaluate({"MinConfirmedSubscribers": "0"}),
            [
                Evaluation(
                    ComplianceType.NON_COMPLIANT,
                    "111122223333",
                    rule.RESOURCE_TYPE,
                    "cannot verify: rule parameter `MinConfirmedSubscribers` is `0`, "
                    "so the rule decides nothing. "
                    "Set it to a whole number from 1 to 100 [INVALID_PARAMETER]",
                )
            ],
        )

    def test_6_other_region_is_not_applicable(self) -> None:
        self.assertEqual(
            self.evaluate({"ReportingRegion": "us-east-1"}),
            [
                Evaluation(
                    ComplianceType.NOT_APPLICABLE,
                    "111122223333",
                    rule.RESOURCE_TYPE,
                    "root usage alarm: this account is reported in us-east-1 (ReportingRegion)",
                )
            ],
        )


if __name__ == "__main__":
    unittest.main()
