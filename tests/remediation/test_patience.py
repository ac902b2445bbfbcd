"""What AWS doesn't see yet is waited for: a role, a policy, a log group or a topic made a moment ago."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account
from tests.remediation.recording import Calls
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import EVERY_STEP, from_nothing

# Of each run, what a call is answered at first.
UNSEEN = {
    "nothing-is-seen": {
        "ListTagsForResource": "ResourceNotFoundException",
        "PutRetentionPolicy": "ResourceNotFoundException",
        "PutBucketTagging": "NoSuchBucket",
        "PutPublicAccessBlock": "NoSuchBucket",
        "PutBucketEncryption": "NoSuchBucket",
        "PutBucketPolicy": "NoSuchBucket",
        "CreateTrail": "InvalidCloudWatchLogsRoleArnException",
        "GetTrailStatus": "TrailNotFoundException",
        "DescribeMetricFilters": "ResourceNotFoundException",
        "PutMetricFilter": "ResourceNotFoundException",
        "ListSubscriptionsByTopic": "NotFound",
        "Subscribe": "NotFound",
    },
    "something-is-under-way": {
        "PutRetentionPolicy": "OperationAbortedException",
        "PutBucketEncryption": "OperationAborted",
        "CreateTrail": "InvalidCloudWatchLogsLogGroupArnException",
        "PutMetricFilter": "OperationAbortedException",
    },
    "policy-of-the-bucket": {"CreateTrail": "InsufficientS3BucketPolicyException"},
    "bucket": {"CreateTrail": "S3BucketDoesNotExistException"},
}


def answers(codes: Mapping[str, str], times: int) -> None:
    """AWS answers so, the next times that each of them is called after the log group was made."""
    calls = Calls()

    def refuse_next(operation: str, left: int) -> None:
        def refuse() -> None:
            if left > 1:
                refuse_next(operation, left - 1)
            raise ClientError({"Error": {"Code": codes[operation], "Message": "not yet"}}, operation)

        calls.before(operation, refuse)

    def refuse_all() -> None:
        for each in codes:
            refuse_next(each, times)

    calls.after("CreateLogGroup", refuse_all)


@pytest.mark.parametrize("codes", UNSEEN.values(), ids=UNSEEN)
def test_what_aws_does_not_see_yet_is_waited_for(
    account: Account, codes: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers(codes, times=3)

    execution = from_nothing(account)

    assert execution.steps == EVERY_STEP
    # The rule's log is there as well, a line of JSON for each evaluation.
    waited = [each for each in capsys.readouterr().out.splitlines() if each.startswith("waiting")]
    assert sorted(waited) == sorted(
        f"waiting {seconds} s for what was just made: {code}"
        for code in codes.values()
        for seconds in (5, 10, 20)
    )


@pytest.mark.parametrize(
    ("operation", "code", "times"),
    [
        pytest.param("CreateTrail", "InvalidCloudWatchLogsRoleArnException", 5, id="patience-ends"),
        pytest.param("CreateTrail", "MaximumNumberOfTrailsExceededException", 1, id="another-error"),
        pytest.param("Subscribe", "AuthorizationError", 1, id="refused"),
    ],
)
def test_what_lasts_is_said(account: Account, operation: str, code: str, times: int) -> None:
    answers({operation: code}, times)

    with pytest.raises(StepFailed, match=code):
        from_nothing(account)
