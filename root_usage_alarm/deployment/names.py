"""The names that templates, commands and tests share, and AWS's limits on what we deploy."""

from __future__ import annotations

from pathlib import Path

# What a deployment hands over besides the packages: an installed tool has it here, by pyproject.toml.
SHIPPED = Path(__file__).parent / "shipped"
IS_INSTALLED = SHIPPED.is_dir()
ROOT = SHIPPED if IS_INSTALLED else Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "templates"
BUILD = (Path.cwd() if IS_INSTALLED else ROOT) / "build"
TOOL = "root-usage-alarm" if IS_INSTALLED else "make"  # what runs a command, for whom we tell to run one

RULE = "RootUsageAlarmRule"
RULE_FOLDER = ROOT / RULE
FUNCTION = f"RDK-Rule-Function-{RULE}"  # rdk's name for it
ORGANIZATION_FUNCTION = f"{RULE}-organization"
LAYER = "root-usage-alarm-libraries"
ORGANIZATION_LAYER = "root-usage-alarm-organization-libraries"

# Stacks; rdk calls its own after the rule.
CODE_STACK = f"{RULE}-code"
FOUNDATION_STACK = f"{RULE}-foundation"
REMEDIATION_STACK = f"{RULE}-remediation"
RULE_STACK = RULE
WATCH_STACK = f"{RULE}-watch"
ORGANIZATION_STACK = f"{RULE}-organization"
STACK_SET = f"{RULE}-members"
MANAGEMENT_STACK = f"{RULE}-management"


def failed_events(function: str) -> str:
    """The queue of the events that the function failed on for good."""
    return f"{function}-failed"


# Roles are global, stacks are regional: the region in the name lets several regions stand side by side.
FUNCTION_ROLE = f"{RULE}-function-${{AWS::Region}}"
AUTOMATION_ROLE = f"{RULE}-automation-${{AWS::Region}}"
DELIVERY_ROLE = f"{RULE}-delivery-${{AWS::Region}}"
ORGANIZATION_FUNCTION_ROLE = f"{RULE}-organization-${{AWS::Region}}"
EVALUATION_ROLE = f"{RULE}-evaluation-${{AWS::Region}}"
READING_ROLE = f"{RULE}-reading"
CHECK_ROLE = f"{RULE}-check"
AGGREGATOR = "root-usage-alarm"
PACK = "root-usage-alarm"
DOCUMENT = "root-usage-alarm"
CREDENTIALS_DOCUMENT = "root-credentials"

# There CloudFormation knows no AWS::Config::RemediationConfiguration, so there is no button.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-remediationconfiguration.html
WITHOUT_BUTTON = {"ap-east-2", "ap-southeast-6", "ap-southeast-7", "mx-central-1"}

# rdk 1.0.0 and 0.17.24 both know this runtime; its end of support is years away.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
RUNTIME = "python3.13"
TIMEOUT_SECONDS = 180

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_TEMPLATE_BYTES = 51_200
# https://docs.aws.amazon.com/general/latest/gr/ssm.html
MOST_DOCUMENT_BYTES = 64 * 1024
# https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html
MOST_INPUT_PARAMETER_CHARACTERS = 1_024
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (characters but blanks)
MOST_ROLE_POLICY_CHARACTERS = 10_240
