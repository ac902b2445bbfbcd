"""A template's values as CloudFormation makes them in eu-west-1: for linters and tests."""

from __future__ import annotations

from typing import Any

KNOWN = {
    "${AWS::Partition}": "aws",
    "${AWS::Region}": "eu-west-1",
    "${ReadingRoleArns}": "arn:aws:iam::444455556666:role/RootUsageAlarmRule-reading",
    "${FunctionRoleArn}": "arn:aws:iam::777788889999:role/RootUsageAlarmRule-organization-eu-west-1",
    "${OrganizationId}": "o-exampleorgid",
}


def filled_in(value: Any, account_id: str = "111122223333") -> Any:
    match value:
        case {"Fn::Sub": str(text)}:
            return _substituted(text, account_id)
        case {"Ref": str(name)}:
            return _substituted("${" + name + "}", account_id)
        case dict():
            return {key: filled_in(each, account_id) for key, each in value.items()}
        case list():
            return [filled_in(each, account_id) for each in value]
    return value


def inline_policies(
    role: dict[str, Any], account_id: str = "111122223333", unmet: str = ""
) -> list[dict[str, Any]]:
    """A role's inline policies; of one that depends on a condition, as if it held, unless it is `unmet`."""
    alternatives = [each.get("Fn::If", ["", each, {}]) for each in role["Policies"]]
    whole = [then for condition, then, _ in alternatives if not unmet or condition != unmet]
    return [filled_in(each["PolicyDocument"], account_id) for each in whole]


def _substituted(text: str, account_id: str) -> str:
    for placeholder, filling in {**KNOWN, "${AWS::AccountId}": account_id}.items():
        text = text.replace(placeholder, filling)
    if "${" in text:
        raise ValueError(f"no value is known for a placeholder of {text}")
    return text
