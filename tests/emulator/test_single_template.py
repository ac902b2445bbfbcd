"""The template for those who don't use rdk: its stack evaluates, remediates, and goes away again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from root_usage_alarm.deployment import names, package, single
from root_usage_alarm.deployment.target import target_of
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.emulator import config_service
from tests.emulator.emulator import Ministack
from tests.emulator.records import aws_lambda, evaluated, turn_config_on

OWNER, REGION = "111122223333", "eu-west-1"
BUCKET = "zips-of-mine"


@dataclass(frozen=True, slots=True)
class Life:
    state: str | None
    first: dict[str, Any]
    steps: list[str]
    confirmed: dict[str, Any]
    left: list[str]


@pytest.fixture(scope="module")
def life(server: LocalAws, ministack: Ministack) -> Iterator[Life]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**server.environment(OWNER, REGION), **ministack.environment()}.items():
            environment.setenv(name, value)
        yield live(server, Account(OWNER, REGION, server.endpoint_url))


def live(server: LocalAws, account: Account) -> Life:
    turn_config_on(account)
    topic = build_working_chain(account, metric_filter=None).topic_arn
    target = target_of(None, REGION)
    make_bucket()
    told = {"TopicArn": topic, "CodeBucket": BUCKET, "CodeKey": "code.zip", "LayerKey": "libraries.zip"}
    target.stacks.deploy("mine", target.handed_over(single.template(), "mine", BUCKET), told)
    state, first = target.stacks.state("mine"), evaluated(account)
    steps = config_service.remediate(server, account, names.RULE).steps
    hooks.confirm_subscriptions(topic)
    confirmed = evaluated(account)
    target.stacks.delete("mine")
    left = [each["FunctionName"] for each in aws_lambda().list_functions()["Functions"]]
    return Life(state, first, steps, confirmed, left)


def make_bucket() -> None:
    """What a person does with the two files that `make zip` builds."""
    s3: Any = boto3.session.Session().client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.upload_file(str(package.build_code()), BUCKET, "code.zip")
    s3.upload_file(str(package.build_layer()), BUCKET, "libraries.zip")


def test_stack_comes_up_evaluates_and_is_remediated(life: Life) -> None:
    assert life.state == "CREATE_COMPLETE"
    assert life.first["ComplianceType"] == "NON_COMPLIANT"
    assert life.first["Annotation"].endswith("[NO_METRIC_FILTER]")
    assert life.steps[-1] == "Prove"
    assert life.confirmed["ComplianceType"] == "COMPLIANT"


def test_stack_goes_away(life: Life) -> None:
    assert life.left == []
