"""Who reads a topic, a key or a function, which may be another account's; and what lets that reader in.

AWS shows another account what the policy of the topic or key grants to that account, but neither a key's
policy nor the attributes of a subscription, which take a role over there:
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from ..aws.arn import Arn, Place
from ..aws.asking import ASSUME_ROLE, Evidence, Unreadable
from .settings import DeliverySettings


def place_to_ask(evidence: Evidence, alarm_arn: Arn, resource: Arn, settings: DeliverySettings) -> Place:
    """Where to ask for the resource, by its ARN: AWS then decides about that account's reader.

    In the resource's own account, if the rule has a role there. Elsewhere the policies of topic and key more
    likely let in the account that the alarm comes from than the evaluated one.
    """
    own = {evidence.account_id, alarm_arn.account_id}
    has_role = settings.has_reading_role and resource.account_id not in evidence.closed_accounts
    account_id = resource.account_id if has_role or resource.account_id in own else alarm_arn.account_id
    return Place(account_id, resource.region)


def remedy_for(
    refusal: Unreadable, evidence: Evidence, alarm_arn: Arn, resource: Arn, settings: DeliverySettings
) -> str:
    """The order to let in whoever was refused."""
    reader, owner = place_to_ask(evidence, alarm_arn, resource, settings).account_id, resource.account_id
    if refusal.call == ASSUME_ROLE or (reader != owner and settings.has_reading_role):
        return f"create role ReadingRoleName in account {owner}, or let it trust the rule's role"
    if reader != owner:
        return f"name a role of account {owner} that may read it in parameter ReadingRoleName"
    if reader == evidence.account_id:
        return f"allow {refusal.call} to the role that the rule reads with"
    return f"allow {refusal.call} to role ReadingRoleName of account {reader}"
