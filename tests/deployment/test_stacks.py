"""Stacks: the failure that the others follow from, and templates that are too large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from root_usage_alarm.deployment import layer, names, package
from root_usage_alarm.deployment.stacks import StackFailed, Stacks, first_failure


def event(resource: str, state: str, reason: str = "") -> dict[str, str]:
    return {
        "StackName": "stack",
        "LogicalResourceId": resource,
        "ResourceType": "AWS::CloudFormation::Stack" if resource == "stack" else "AWS::IAM::Role",
        "ResourceStatus": state,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        pytest.param(
            [
                event("stack", "ROLLBACK_COMPLETE"),
                event("Second", "CREATE_FAILED", "needs First"),
                event("First", "CREATE_FAILED", "no such role"),
                event("stack", "CREATE_IN_PROGRESS"),
            ],
            "First (AWS::IAM::Role): no such role",
            id="oldest-failure",
        ),
        pytest.param(
            [
                event("Second", "CREATE_FAILED", "no such role"),
                event("First", "CREATE_FAILED", "Resource creation cancelled"),
                event("stack", "CREATE_IN_PROGRESS"),
            ],
            "Second (AWS::IAM::Role): no such role",
            id="what-was-only-cancelled-tells-nothing",
        ),
        pytest.param(
            [
                event("stack", "UPDATE_COMPLETE"),
                event("stack", "UPDATE_IN_PROGRESS"),
                event("First", "CREATE_FAILED", "no such role"),
            ],
            "CloudFormation names no event that failed",
            id="failure-of-an-earlier-operation",
        ),
        pytest.param(
            [event("First", "DELETE_FAILED"), event("stack", "DELETE_IN_PROGRESS")],
            "First (AWS::IAM::Role): no reason given",
            id="no-reason",
        ),
    ],
)
def test_first_failure_of_the_last_operation_is_named(events: list[dict[str, str]], reason: str) -> None:
    assert first_failure(events) == reason


BODY = {"TemplateBody": "{}"}
AT_NOON, AN_HOUR_LATER = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (12, 13))


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    cloudformation = boto3.client(
        "cloudformation", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(cloudformation) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def add_stack(stubber: Stubber, *times: datetime) -> None:
    """A stack whose update failed and was rolled back, as it is described at each look."""
    for at in times:
        stack = {
            "StackName": "stack",
            "StackStatus": "UPDATE_ROLLBACK_COMPLETE",
            "CreationTime": AT_NOON,
            "LastUpdatedTime": at,
            "Outputs": [{"OutputKey": "Bucket", "OutputValue": "code"}],
        }
        stubber.add_response("describe_stacks", {"Stacks": [stack]})


def test_stack_that_was_rolled_back_to_what_is_wanted_is_whole(stubber: Stubber) -> None:
    """Whoever goes back to what was there before a failed update has nothing to update."""
    add_stack(stubber, AT_NOON, AT_NOON)
    stubber.add_client_error("update_stack", "ValidationError", "No updates are to be performed.")
    add_stack(stubber, AT_NOON, AT_NOON, AT_NOON)

    client: Any = stubber.client

    assert Stacks(client).deploy("stack", BODY, {}) == {"Bucket": "code"}


def test_update_that_is_rolled_back_fails(stubber: Stubber) -> None:
    add_stack(stubber, AT_NOON, AT_NOON)
    stubber.add_response("update_stack", {})
    add_stack(stubber, AN_HOUR_LATER, AN_HOUR_LATER)
    stubber.add_response("describe_stack_events", {"StackEvents": []})

    client: Any = stubber.client

    with pytest.raises(StackFailed, match="stack stack is in state UPDATE_ROLLBACK_COMPLETE"):
        Stacks(client).deploy("stack", BODY, {})


def test_layer_is_published_when_its_versions_have_other_pins() -> None:
    aws_lambda = boto3.client("lambda", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:root-usage-alarm-libraries"
    uploaded: list[tuple[str, str, str]] = []

    class S3:
        def upload_file(self, *arguments: str) -> None:
            uploaded.append((arguments[0], arguments[1], arguments[2]))

    with Stubber(aws_lambda) as stubber:
        old = {"LayerVersionArn": f"{arn}:1", "Version": 1, "Description": "boto3==1.0"}
        stubber.add_response("list_layer_versions", {"LayerVersions": [old]})
        stubber.add_response(
            "publish_layer_version",
            {"LayerVersionArn": f"{arn}:2"},
            {
                "LayerName": "root-usage-alarm-libraries",
                "Description": " ".join(package.pins()),
                "Content": {"S3Bucket": "code", "S3Key": "libraries.zip"},
                "CompatibleRuntimes": ["python3.13"],
            },
        )

        s3: Any = S3()
        published = layer.publish(aws_lambda, s3, "code", names.LAYER, lambda: names.RULE_FOLDER)

    assert published == f"{arn}:2"
    assert uploaded == [(str(names.RULE_FOLDER), "code", "libraries.zip")]
