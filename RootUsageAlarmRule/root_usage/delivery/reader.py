"""Who reads a topic or a key, which may be another account's; and what lets that reader in.

AWS shows another account what the policy of the topic or key grants to that account:
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from ..aws.arn import Arn, Place
from ..aws.asking import Evidence, Unreadable


def place_to_ask(evidence: Evidence, alarm_arn: Arn, resource: Arn) -> Place:
    """Where to ask for the resource, by its ARN: AWS then decides about that account's reader.

    In an account of which the rule sees nothing else it has no role, and the policies there more likely
    let in the account whose alarm comes from than the evaluated one.
    """
    own = {evidence.account_id, alarm_arn.account_id, *evidence.accounts_of_trails}
    account_id = resource.account_id if resource.account_id in own else alarm_arn.account_id
    return Place(account_id, resource.region)


def remedy_for(refusal: Unreadable, evidence: Evidence, alarm_arn: Arn, resource: Arn) -> str:
    """The order to let in whoever was refused."""
    reader = place_to_ask(evidence, alarm_arn, resource).account_id
    if refusal.call == "sts:AssumeRole":
        return f"let the rule's role assume LogArchiveRoleName in account {reader}"
    if refusal.call in _NEVER_GRANTED and reader != resource.account_id:
        return _NEVER_GRANTED[refusal.call].format(reader)
    return f"allow {refusal.call} to {_named(reader, evidence, alarm_arn, resource)}"


_OWN_KEY = "use a key of account {}, as KMS shows key policies to their own account only"
# What is of no use without something that no policy can grant to another account.
_NEVER_GRANTED = {
    "kms:DescribeKey": _OWN_KEY,
    "kms:GetKeyPolicy": _OWN_KEY,
    "sns:GetSubscriptionAttributes": "subscribe from account {}, as SNS shows subscriptions to their owner",
}


def _named(reader: str, evidence: Evidence, alarm_arn: Arn, resource: Arn) -> str:
    if reader == evidence.account_id:
        is_own = resource.account_id == reader
        return "the role that the rule reads with" if is_own else f"account {reader}"
    if alarm_arn.account_id == evidence.account_id:
        # Here the parameter may be unset; then the evaluated account asks for itself.
        return f"account {evidence.account_id} or, if set, role LogArchiveRoleName"
    return f"role LogArchiveRoleName of account {reader}"
