"""What EventBridge and SNS do with policies, roles and filters that the documents leave open.

An event of our own on the default bus does as well as one of CloudTrail's, and needs neither trail nor root.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.live.sandbox import Sandbox
from tests.live.table import Probe, Row

ARRIVES, LOST = "arrives", "is lost"
CONTROL = "control"
DETAIL = {"number": 300.0, "who": "nobody"}


@dataclass(frozen=True, slots=True, eq=False)
class BusProbe:
    """A topic behind a rule: what is changed of its policy, of the target and of the subscription."""

    name: str
    question: str
    assumed: str
    condition: Mapping[str, Any] | None = None
    has_policy: bool = True
    has_role: bool = False
    target: Mapping[str, Any] | None = None
    filter_policy: Mapping[str, Any] | None = None

    @property
    def probe(self) -> Probe:
        return Probe(f"bus/{self.name}", self.question, (ARRIVES, LOST), self.assumed)


def _conditioned(key: str, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {key: "{account}" if key.endswith("Account") else "{rule}"}}


BUSES = (
    BusProbe(CONTROL, "an event behind a policy without a condition", ARRIVES),
    BusProbe("without-policy", "an event behind a topic with the default policy", LOST, has_policy=False),
    BusProbe(
        "source-account",
        "an event behind a policy with aws:SourceAccount",
        LOST,
        condition=_conditioned("aws:SourceAccount"),
    ),
    BusProbe(
        "source-arn",
        "an event behind a policy with aws:SourceArn",
        LOST,
        condition=_conditioned("aws:SourceArn", "ArnEquals"),
    ),
    BusProbe(
        "role-without-policy",
        "an event by a target's role that may publish, behind the default policy",
        LOST,
        has_policy=False,
        has_role=True,
    ),
    BusProbe(
        "absent-path",
        "an event whose InputTransformer takes a path that is absent",
        LOST,
        target={
            "InputTransformer": {
                "InputPathsMap": {"it": "$.detail.nowhere"},
                "InputTemplate": '{"name": "absent-path", "it": <it>}',
            }
        },
    ),
    BusProbe(
        "text-and-body-filter",
        "a text that is no JSON behind a filter policy on the body",
        LOST,
        target={"Input": '"text-and-body-filter"'},
        filter_policy={"detail": {"who": ["nobody"]}},
    ),
    BusProbe(
        "number-in-filter-policy",
        "300.0 behind a filter policy of 300",
        LOST,
        filter_policy={"detail": {"number": [300]}},
    ),
)
"""Where the code leaves it undecided, the assumed answer is the one that is never COMPLIANT."""


def buses() -> Iterator[tuple[Probe, Callable[[Sandbox, Sequence[str]], list[Row]]]]:
    for each in BUSES:
        yield each.probe, ask_all


def ask_all(sandbox: Sandbox, wanted: Sequence[str]) -> list[Row]:
    chosen = [each for each in BUSES if each.probe.name in wanted or each.name == CONTROL]
    sandbox.make_queue()
    for each in chosen:
        _make(sandbox, each)
    sandbox.wait(2)
    entries = [
        {"Source": _source(each), "DetailType": "live test", "Detail": json.dumps(DETAIL)} for each in chosen
    ]
    sandbox.client("events").put_events(Entries=entries)
    told = {each.get("TopicArn") for each in sandbox.messages(3)}
    seen = {each: ARRIVES if _topic_arn(sandbox, each) in told else LOST for each in chosen}
    has_control = any(each.name == CONTROL and answer == ARRIVES for each, answer in seen.items())
    return [
        Row(each.probe, answer) if has_control else Row(each.probe, None, "not even the control arrives")
        for each, answer in seen.items()
        if each.probe.name in wanted
    ]


def _make(sandbox: Sandbox, asked: BusProbe) -> None:
    sns, events, rule = sandbox.client("sns"), sandbox.client("events"), sandbox.named(asked.name)
    topic = sns.create_topic(
        Name=rule, **({"Attributes": _policy(sandbox, asked)} if asked.has_policy else {})
    )
    attributes = (
        {"FilterPolicy": json.dumps(asked.filter_policy), "FilterPolicyScope": "MessageBody"}
        if asked.filter_policy
        else {}
    )
    sns.subscribe(
        TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=sandbox.queue_arn, Attributes=attributes
    )
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [_source(asked)]}))
    role = {"RoleArn": _role(sandbox, asked.name)} if asked.has_role else {}
    target = {"Id": "people", "Arn": topic["TopicArn"], **role, **(asked.target or {})}
    events.put_targets(Rule=rule, Targets=[target])


def _policy(sandbox: Sandbox, asked: BusProbe) -> dict[str, str]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": _topic_arn(sandbox, asked),
    }
    if asked.condition:
        text = json.dumps(asked.condition).replace("{account}", sandbox.account_id)
        statement["Condition"] = json.loads(
            text.replace("{rule}", sandbox.arn("events", f"rule/{sandbox.named(asked.name)}"))
        )
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def _role(sandbox: Sandbox, name: str) -> str:
    iam, role = sandbox.client("iam"), sandbox.named(name)

    def document(**members: Any) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **members}]})

    trust = document(Principal={"Service": "events.amazonaws.com"}, Action="sts:AssumeRole")
    arn: str = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    publish = document(Action="sns:Publish", Resource="*")
    iam.put_role_policy(RoleName=role, PolicyName="publish", PolicyDocument=publish)
    return arn


def _source(asked: BusProbe) -> str:
    return f"root-usage-live.{asked.name}"


def _topic_arn(sandbox: Sandbox, asked: BusProbe) -> str:
    return sandbox.arn("sns", sandbox.named(asked.name))
