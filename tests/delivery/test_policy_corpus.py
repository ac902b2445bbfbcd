"""Policies as people write them, each with the answer worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Question
from root_usage.aws.kms import Key, KeyAt, PolicyOfKey
from root_usage.aws.sns import SubscriptionsOf, TopicAt
from root_usage.delivery import Delivered, DeliverySettings
from root_usage.delivery.encryption import judge_encryption
from root_usage.delivery.publisher import publisher_of
from root_usage.delivery.topic import judge_topic
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import (
    ACCOUNT,
    ALARM,
    PLACE,
    TOPIC,
    TOPIC_ARN,
    asks_attributes,
    attributes,
    evidence,
    subscription,
)

Row = Mapping[str, Any]

VERDICTS = {
    Code.TOPIC_POLICY_DENIES: "denied",
    Code.TOPIC_POLICY_UNDECIDED: "undecided",
    Code.TOPIC_KEY_DENIES: "denied",
    Code.TOPIC_KEY_UNDECIDED: "undecided",
}
KEY_ARN = Arn("aws", "kms", "us-east-1", ACCOUNT, "key/1234abcd-12ab-34cd-56ef-1234567890ab")
KEY = Key(KEY_ARN, "CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


def corpus(name: str) -> list[Row]:
    rows: list[Row] = json.loads((Path(__file__).parents[1] / "data" / name).read_text(encoding="utf-8"))
    return rows


TOPIC_POLICIES = corpus("topic_policies.json")
KEY_POLICIES = corpus("key_policies.json")


def case(row: Row) -> Any:
    return pytest.param(row, id=row["id"])


def policy_of(row: Row) -> str:
    """What is no JSON, or no object, stands in the corpus as a text."""
    return str(row["text"]) if "text" in row else json.dumps(row["policy"])


def holds(row: Row, judged: Delivered | Finding | None) -> None:
    """The verdict is the row's, and the finding names what decides."""
    if not isinstance(judged, Finding):
        assert row["expected"] == "told", row["reason"]
        return
    assert row["expected"] == VERDICTS.get(judged.code), row["reason"]
    named = "" if row["statement"] is None else f"statement `{row['statement']}`"
    if "doubt" in row:
        assert judged.message.endswith(f": {named}: {row['doubt']}" if named else f": {row['doubt']}")
    else:
        assert (named or "doesn't let CloudWatch") in judged.message
        assert row.get("action", "") in judged.message


@pytest.mark.parametrize("row", [case(row) for row in TOPIC_POLICIES])
def test_topic_policy_has_the_answer_worked_out_by_hand(row: Row) -> None:
    arn = Arn.parse(row.get("topic", str(TOPIC_ARN)))
    answers: dict[Question[Any], Any] = {
        TopicAt(PLACE, arn): replace(TOPIC, arn=str(arn), policy=policy_of(row)),
        SubscriptionsOf(PLACE, arn): (subscription(1),),
        asks_attributes(1): attributes(),
    }

    holds(row, judge_topic(evidence(answers), publisher_of(ALARM), arn, DeliverySettings()))


@pytest.mark.parametrize("row", [case(row) for row in KEY_POLICIES])
def test_key_policy_has_the_answer_worked_out_by_hand(row: Row) -> None:
    answers: dict[Question[Any], Any] = {
        KeyAt(PLACE, str(KEY_ARN)): KEY,
        PolicyOfKey(PLACE, KEY_ARN): policy_of(row),
    }

    holds(
        row,
        judge_encryption(evidence(answers), TOPIC_ARN, str(KEY_ARN), publisher_of(ALARM), DeliverySettings()),
    )


@pytest.mark.parametrize(
    ("rows", "least"),
    [pytest.param(TOPIC_POLICIES, 100, id="topics"), pytest.param(KEY_POLICIES, 50, id="keys")],
)
def test_the_corpus_is_as_large_as_promised_and_every_row_has_its_reason(rows: list[Row], least: int) -> None:
    assert len(rows) >= least
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["reason"] and row["form"] for row in rows)
