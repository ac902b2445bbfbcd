"""parliament over a policy: what it finds is found, and what is known to be right is not."""

from __future__ import annotations

import pytest

from tests.deployment.policy_lint import findings


def policy(action: str, resource: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": [action, "sns:Publish"], "Resource": [resource]}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        pytest.param("sns:Publsh", "arn:aws:sns:eu-west-1:111122223333:a", "UNKNOWN_ACTION", id="misspelt"),
        pytest.param("sns:Publish", "arn:aws:s3:::bucket", "RESOURCE_MISMATCH", id="another-resource"),
    ],
)
def test_mistake_is_found(action: str, resource: str, issue: str) -> None:
    assert [each.partition(":")[0] for each in findings(policy(action, resource))] == [issue]


def test_action_that_parliament_does_not_know_yet_is_no_mistake() -> None:
    resource = "arn:aws:sns:eu-west-1:111122223333:a"

    assert findings(policy("cloudwatch:ListAlarmMuteRules", resource)) == []
