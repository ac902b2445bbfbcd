"""What AWS doesn't see yet is waited for: a role, a policy, a log group or a topic made a moment ago."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account
from tests.remediation.recording import Calls
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import EVERY_STEP, from_nothing

UNSEEN = [
    ("ListTagsForResource", "ResourceNotFoundException"),
    ("PutRetentionPolicy", "ResourceNotFoundException"),
    ("PutBucketTagging", "NoSuchBucket"),
    ("PutPublicAccessBlock", "NoSuchBucket"),
    ("PutBucketEncryption", "OperationAborted"),
    ("PutBucketPolicy", "NoSuchBucket"),
    ("CreateTrail", "InvalidCloudWatchLogsRoleArnException"),
    ("CreateTrail", "InvalidCloudWatchLogsLogGroupArnException"),
    ("CreateTrail", "InsufficientS3BucketPolicyException"),
    ("CreateTrail", "S3BucketDoesNotExistException"),
    ("GetTrailStatus", "TrailNotFoundException"),
    ("DescribeMetricFilters", "ResourceNotFoundException"),
    ("PutMetricFilter", "ResourceNotFoundException"),
    ("PutMetricFilter", "OperationAbortedException"),
    ("ListSubscriptionsByTopic", "NotFound"),
    ("Subscribe", "NotFound"),
]


def answers(calls: Calls, operation: str, code: str, times: int) -> None:
    """AWS answers so, the next times that it is called after the log group was made."""

    def refuse() -> None:
        nonlocal times
        times -= 1
        if times:
            calls.before(operation, refuse)
        raise ClientError({"Error": {"Code": code, "Message": "not yet"}}, operation)

    calls.after("CreateLogGroup", lambda: calls.before(operation, refuse))


@pytest.mark.parametrize(("operation", "code"), UNSEEN)
def test_what_aws_does_not_see_yet_is_waited_for(
    account: Account, operation: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(Calls(), operation, code, times=3)

    execution = from_nothing(account)

    assert execution.steps == EVERY_STEP
    # The rule's log is there as well, a line of JSON for each evaluation.
    assert [each for each in capsys.readouterr().out.splitlines() if each.startswith("waiting")] == [
        f"waiting {seconds} s for what was just made: {code}" for seconds in (5, 10, 20)
    ]


@pytest.mark.parametrize(
    ("operation", "code", "times"),
    [
        pytest.param("CreateTrail", "InvalidCloudWatchLogsRoleArnException", 5, id="patience-ends"),
        pytest.param("CreateTrail", "MaximumNumberOfTrailsExceededException", 1, id="another-error"),
        pytest.param("Subscribe", "AuthorizationError", 1, id="refused"),
    ],
)
def test_what_lasts_is_said(account: Account, operation: str, code: str, times: int) -> None:
    answers(Calls(), operation, code, times)

    with pytest.raises(StepFailed, match=code):
        from_nothing(account)
