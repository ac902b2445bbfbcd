"""Judges a topic's encryption: may the publisher use the key that its messages pass through?

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from dataclasses import replace

from ..aws.arn import Arn, MalformedArn
from ..aws.asking import Evidence, Unreadable
from ..aws.kms import Key, KeyAt, PolicyOfKey
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote, unreadable
from .policy import Allowed, Denied, Unproven, may
from .publisher import Publisher
from .reader import place_to_ask, remedy_for
from .settings import DeliverySettings

# What SNS asks KMS for on the publisher's behalf.
KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def _open_key(publisher: Publisher) -> str:
    service = publisher.service
    condition = ", without a condition" if service.needs_unconditional else ""
    return f"allow {service.principal} kms:Decrypt, kms:GenerateDataKey* in the key's policy{condition}"


def _other_key(publisher: Publisher, place: str = "") -> str:
    return f"encrypt the topic with a customer managed key{place} that {publisher.service.principal} may use"


def judge_encryption(
    evidence: Evidence, topic_arn: Arn, kms_key: str | None, publisher: Publisher, settings: DeliverySettings
) -> Finding | None:
    """Why the publisher's messages don't get through the topic's encryption; None when they do."""
    if kms_key is None:
        return None
    if _is_alias_of_aws(kms_key):
        return _aws_managed(publisher, topic_arn)
    key_arn = arn_of_key(kms_key, topic_arn)
    if (key_arn.partition, key_arn.region) != (topic_arn.partition, topic_arn.region):
        return _elsewhere(publisher, topic_arn, kms_key, key_arn)
    key = evidence.answer(KeyAt(place_to_ask(evidence, publisher.arn, key_arn, settings), str(key_arn)))
    if isinstance(key, Unreadable):
        return _unreadable(
            topic_arn, kms_key, key, remedy_for(key, evidence, publisher.arn, key_arn, settings)
        )
    if key is None:
        return _unusable(topic_arn, kms_key, "doesn't exist", _other_key(publisher))
    if key.manager == "AWS":
        return _aws_managed(publisher, topic_arn)
    if key.manager != "CUSTOMER":
        return _unusable(
            topic_arn, kms_key, f"is managed by {key.manager}, which isn't known", _other_key(publisher)
        )
    if key.state != "Enabled":
        state = f"is {key.state or 'in an unknown state'}"
        return _unusable(topic_arn, kms_key, state, f"enable the key, or {_other_key(publisher)}")
    if not key.is_for_symmetric_encryption:
        kind = "isn't" if key.spec and key.usage else "isn't known to be"
        return _unusable(topic_arn, kms_key, f"{kind} a symmetric encryption key", _other_key(publisher))
    return _judge_key_policy(evidence, topic_arn, kms_key, key, publisher, settings)


def arn_of_key(kms_key: str, topic_arn: Arn) -> Arn:
    """A topic may name its key by id or alias, which KMS would look up in the account of whoever asks."""
    try:
        return Arn.parse(kms_key)
    except MalformedArn:
        resource = kms_key if kms_key.lower().startswith("alias/") else f"key/{kms_key}"
        return replace(topic_arn, service="kms", resource=resource)


def _is_alias_of_aws(kms_key: str) -> bool:
    # An alias may be given by name or by ARN; those that begin with aws/ are reserved for AWS's keys.
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
    return "alias/aws/" in kms_key.lower()


def _judge_key_policy(  # noqa: PLR0913, PLR0917 all that the key's policy is read for
    evidence: Evidence,
    topic_arn: Arn,
    kms_key: str,
    key: Key,
    publisher: Publisher,
    settings: DeliverySettings,
) -> Finding | None:
    policy = evidence.answer(PolicyOfKey(place_to_ask(evidence, publisher.arn, key.arn, settings), key.arn))
    if isinstance(policy, Unreadable):
        return _unreadable(
            topic_arn, kms_key, policy, remedy_for(policy, evidence, publisher.arn, key.arn, settings)
        )
    statement = publisher.admission(["kms:Decrypt", "kms:GenerateDataKey*"], "*")
    for action in KEY_ACTIONS:
        match may(policy, publisher.service.principal, action, str(key.arn), publisher.using_key):
            case Allowed():
                continue
            case Denied(denying):
                denied = _denies(publisher, topic_arn, kms_key, action, denying)
                return replace(denied, statement=None if denying else statement)
            case Unproven(reason):
                return replace(_undecided(publisher, topic_arn, kms_key, reason), statement=statement)
    return None


def _undecided(publisher: Publisher, topic_arn: Arn, kms_key: str, reason: str) -> Finding:
    key = f"key {quote(kms_key)} of topic {quote(topic_arn.resource)}"
    doubt = f"can't decide whether {key} lets {publisher.service.brand} in"
    return Finding(
        Code.TOPIC_KEY_UNDECIDED,
        topic_arn.resource,
        f"{doubt}: {reason}",
        _open_key(publisher),
        short_message=f"{doubt} ({IN_THE_LOG})",
    )


def _denies(
    publisher: Publisher, topic_arn: Arn, kms_key: str, action: str, statement: str | None
) -> Finding:
    key = f"key {quote(kms_key)} of topic {quote(topic_arn.resource)}"
    how = f"{key} doesn't let {publisher.service.brand} call {action}"
    if statement is not None:
        how = f"statement {quote(statement)} of {key} denies {publisher.service.brand} {action}"
    return Finding(
        Code.TOPIC_KEY_DENIES, topic_arn.resource, f"{how}, so no one is told", _open_key(publisher)
    )


def _aws_managed(publisher: Publisher, topic_arn: Arn) -> Finding:
    return Finding(
        Code.TOPIC_KEY_AWS_MANAGED,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} is encrypted with AWS's own key, "
        f"which {publisher.service.brand} may not use, so no one is told",
        _other_key(publisher),
    )


def _unusable(topic_arn: Arn, kms_key: str, state: str, remedy: str) -> Finding:
    return Finding(
        Code.TOPIC_KEY_UNUSABLE,
        topic_arn.resource,
        f"key {quote(kms_key)} of topic {quote(topic_arn.resource)} {state}, so no one is told",
        remedy,
    )


def _elsewhere(publisher: Publisher, topic_arn: Arn, kms_key: str, key_arn: Arn) -> Finding:
    # A key never leaves its region, and a multi-Region key's copies are keys of their own. SNS takes any
    # ARN for a key, so what that names for a region may be none and is not asked.
    # https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    has_region = key_arn.region == topic_arn.region
    where = f"partition {topic_arn.partition}" if has_region else topic_arn.region
    return _unusable(
        topic_arn, kms_key, f"isn't in {where}", _other_key(publisher, f" in {topic_arn.region}")
    )


def _unreadable(topic_arn: Arn, kms_key: str, refusal: Unreadable, remedy: str) -> Finding:
    subject = f"key {quote(kms_key)} of topic {quote(topic_arn.resource)}"
    return unreadable(Code.TOPIC_KEY_UNREADABLE, topic_arn.resource, subject, refusal, remedy)
