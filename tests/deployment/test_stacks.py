"""Stacks: the failure that the others follow from, and templates that are too large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from root_usage_alarm.deployment import layer, names, package
from root_usage_alarm.deployment.layer import LayerDiffers
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


def numbered(number: int, event: dict[str, str]) -> dict[str, Any]:
    """As CloudFormation answers it."""
    return {"StackId": "id", "EventId": str(number), "Timestamp": AT_NOON, **event}


def add_events(stubber: Stubber, events: list[dict[str, Any]]) -> None:
    stubber.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": "stack"})


def add_stack(stubber: Stubber, *times: datetime, state: str = "UPDATE_ROLLBACK_COMPLETE") -> None:
    """A stack whose update failed and was rolled back, as it is described at each look."""
    for at in times:
        stack = {
            "StackName": "stack",
            "StackStatus": state,
            "CreationTime": AT_NOON,
            "LastUpdatedTime": at,
            "Outputs": [{"OutputKey": "Bucket", "OutputValue": "code"}],
        }
        stubber.add_response("describe_stacks", {"Stacks": [stack]})


def test_stack_that_was_rolled_back_to_what_is_wanted_is_whole(stubber: Stubber) -> None:
    """Whoever goes back to what was there before a failed update has nothing to update."""
    earlier = [numbered(1, event("First", "CREATE_FAILED", "an earlier failure"))]
    add_stack(stubber, AT_NOON, AT_NOON)
    add_events(stubber, earlier)
    stubber.add_client_error("update_stack", "ValidationError", "No updates are to be performed.")
    add_stack(stubber, AT_NOON)
    add_events(stubber, earlier)
    add_stack(stubber, AT_NOON, AT_NOON)
    told: list[str] = []

    client: Any = stubber.client

    assert Stacks(client, tell=told.append).deploy("stack", BODY, {}) == {"Bucket": "code"}
    assert told == ["stack stack ..."]


def test_update_that_is_rolled_back_fails_with_its_events_told_once(stubber: Stubber) -> None:
    """At each look those that came since the last one, and none of what was before the operation."""
    before = [numbered(1, event("Old", "CREATE_FAILED", "an earlier failure"))]
    first = [
        numbered(4, event("Kept", "UPDATE_COMPLETE")),
        numbered(3, event("Kept", "UPDATE_IN_PROGRESS")),
        numbered(2, event("stack", "UPDATE_IN_PROGRESS", "User Initiated")),
        *before,
    ]
    second = [
        numbered(8, event("stack", "UPDATE_ROLLBACK_COMPLETE")),
        numbered(7, event("stack", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed: [New]")),
        numbered(6, event("Other", "CREATE_FAILED", "Resource creation cancelled")),
        numbered(5, event("New", "CREATE_FAILED", "no such role")),
        *first,
    ]
    add_stack(stubber, AT_NOON, AT_NOON)
    add_events(stubber, before)
    stubber.add_response("update_stack", {})
    add_stack(stubber, AN_HOUR_LATER, state="UPDATE_IN_PROGRESS")
    add_events(stubber, first)
    add_stack(stubber, AN_HOUR_LATER)
    add_events(stubber, second)
    add_stack(stubber, AN_HOUR_LATER)
    add_events(stubber, second)
    told: list[str] = []
    client: Any = stubber.client

    with pytest.raises(StackFailed) as failure:
        Stacks(client, sleep=lambda _: None, tell=told.append).deploy("stack", BODY, {})

    assert told == [
        "stack stack ...",
        "  UPDATE_COMPLETE Kept (AWS::IAM::Role)",
        "  CREATE_FAILED New (AWS::IAM::Role): no such role",
        (
            "  UPDATE_ROLLBACK_IN_PROGRESS stack (AWS::CloudFormation::Stack): "
            "The following resource(s) failed: [New]"
        ),
        "  UPDATE_ROLLBACK_COMPLETE stack (AWS::CloudFormation::Stack)",
    ]
    assert str(failure.value) == (
        "stack stack is in state UPDATE_ROLLBACK_COMPLETE: New (AWS::IAM::Role): no such role"
    )


ARN = "arn:aws:lambda:eu-west-1:111122223333:layer:root-usage-alarm-libraries"
# Of an empty file.
DIGEST = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@dataclass
class Publishing:
    """A layer's versions as Lambda knows them, and what `publish` does about an empty zip."""

    path: Path
    stubber: Stubber
    uploaded: list[tuple[str, ...]] = field(default_factory=list)

    def upload_file(self, *arguments: str) -> None:
        self.uploaded.append(arguments)

    def versions(self, **digests: str) -> None:
        """Of today's pins, the newest first; only they are looked into, down to the one that is right."""
        old = {"LayerVersionArn": f"{ARN}:1", "Version": 1, "Description": "boto3==1.0"}
        ours = [
            {"LayerVersionArn": f"{ARN}:{each[1:]}", "Version": int(each[1:]), "Description": PINS}
            for each in digests
        ]
        self.stubber.add_response("list_layer_versions", {"LayerVersions": [*ours, old]})
        for each, digest in digests.items():
            self.stubber.add_response(
                "get_layer_version",
                {"Content": {"CodeSha256": digest}},
                {"LayerName": names.LAYER, "VersionNumber": int(each[1:])},
            )

    def publishes(self, number: int, digest: str) -> None:
        self.stubber.add_response(
            "publish_layer_version",
            {
                "LayerVersionArn": f"{ARN}:{number}",
                "Version": number,
                "Content": {"CodeSha256": digest},
            },
            {
                "LayerName": names.LAYER,
                "Description": PINS,
                "Content": {"S3Bucket": "code", "S3Key": "libraries.zip"},
                "CompatibleRuntimes": ["python3.13"],
            },
        )

    def publish(self) -> str:
        client, s3 = cast("Any", self.stubber.client), cast("Any", self)
        return layer.publish(client, s3, "code", names.LAYER, lambda: self.path)


PINS = " ".join(package.pins())


@pytest.fixture
def publishing(tmp_path: Path) -> Iterator[Publishing]:
    client = boto3.client("lambda", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    (tmp_path / "layer.zip").touch()
    with Stubber(client) as stubber:
        yield Publishing(tmp_path / "layer.zip", stubber)
        stubber.assert_no_pending_responses()


def test_layer_version_of_the_same_content_is_reused(
    publishing: Publishing, capsys: pytest.CaptureFixture[str]
) -> None:
    publishing.versions(v3="another", v2=DIGEST)

    assert publishing.publish() == f"{ARN}:2"
    assert publishing.uploaded == []
    assert capsys.readouterr().out == "layer root-usage-alarm-libraries: version 2 holds it already\n"


def test_layer_version_that_only_says_it_has_these_pins_is_not_reused(
    publishing: Publishing, capsys: pytest.CaptureFixture[str]
) -> None:
    publishing.versions(v2="another")
    publishing.publishes(3, DIGEST)

    assert publishing.publish() == f"{ARN}:3"
    assert publishing.uploaded == [(str(publishing.path), "code", "libraries.zip")]
    assert capsys.readouterr().out == "layer root-usage-alarm-libraries: version 3 published\n"


def test_published_layer_that_holds_something_else_is_an_error(publishing: Publishing) -> None:
    publishing.versions()
    publishing.publishes(2, "another")

    with pytest.raises(LayerDiffers, match="version 2 doesn't hold what was uploaded"):
        publishing.publish()
