"""The document's own steps, run at a desk with boto3's default session."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from .documents import REMEDIATION_PARAMETERS
from .policies import DELIVERY_TRUST, Names, Place, delivery_policy
from .steps import alarm, look, metric_filter, topic_and_subscription, trail_and_log_group
from .steps.shared import TAGS, CannotRemediate, judged

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

# After the step that decides whether there is anything to do for the others. At a desk the caller has the
# rule judge, before and after.
STEPS: tuple[tuple[str, Handler], ...] = (
    ("trail and log group", trail_and_log_group.handler),
    ("metric filter", metric_filter.handler),
    ("topic and subscription", topic_and_subscription.handler),
    ("alarm", alarm.handler),
)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did, a line each; `waiting` says what a person has to do now."""

    name: str
    lines: tuple[str, ...]
    waiting: str = ""


def plan(region: str, annotation: str, **chosen: str | int | bool) -> dict[str, Any]:
    """What to make of an account that the rule calls NON_COMPLIANT, with that annotation; changes nothing.

    Deployed, the document finds a role for CloudTrail in its stack; here one is made where it's needed.
    """
    return look.handler({**_payload(region), **judged("NON_COMPLIANT", annotation), **chosen}, None)


def carry_out(region: str, found: dict[str, Any], **chosen: str | int | bool) -> Iterator[StepResult]:
    """Runs the document's other steps, one each time that a result is asked for."""
    payload = {**_payload(region), **chosen}
    if found["Chain"]["Role"] == payload["DeliveryRoleArn"]:
        yield StepResult("role", (_ensure_delivery_role(found["Chain"]),))
    for name, handler in STEPS:
        outputs = handler({**payload, **found}, None)
        yield StepResult(name, tuple(outputs["Done"]), outputs.get("Waiting", ""))


def _payload(region: str) -> dict[str, Any]:
    identity = boto3.client("sts", region).get_caller_identity()
    partition, account_id = identity["Arn"].split(":")[1], identity["Account"]
    role = f"arn:{partition}:iam::{account_id}:role/root-usage-alarm-{region}"
    return {**defaults(), "DeliveryRoleArn": role, "Region": region}


def _ensure_delivery_role(chain: dict[str, str]) -> str:
    """The role by which CloudTrail writes to the log group; an earlier version's gets a trust that works."""
    iam = boto3.client("iam")
    name = chain["Role"].rsplit("/", maxsplit=1)[-1]
    trust = json.dumps(DELIVERY_TRUST)
    tag: Any = TAGS[0]
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=[tag])
    except iam.exceptions.EntityAlreadyExistsException:
        if tag not in iam.get_role(RoleName=name)["Role"].get("Tags", []):
            raise CannotRemediate(f"role `{name}` is someone else's: remove or rename it") from None
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    place, made = Place(chain["Partition"], chain["Account"]), Names(log_group=chain["LogGroup"])
    policy = json.dumps(delivery_policy(place, made))
    # A policy for each log group: an earlier trail goes on delivering to its own.
    per_group = re.sub(r"[^\w+=,.@-]", "-", chain["LogGroup"])[:128]
    iam.put_role_policy(RoleName=name, PolicyName=per_group, PolicyDocument=policy)
    return f"role `{name}` lets CloudTrail write to the log group"


def defaults() -> Mapping[str, str | int | bool]:
    """The document's parameters that have a default."""
    return {name: each.default for name, each in REMEDIATION_PARAMETERS.items() if each.default is not None}
