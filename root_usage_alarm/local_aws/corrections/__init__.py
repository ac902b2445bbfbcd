"""moto 5.2.5 with its falsehoods corrected to what AWS documents, one module per service.

A test against plain moto would teach something false (an e-mail subscription that is confirmed at
once, an alarm that starts `OK`, a metric filter that is put twice and is there twice). Each
correction is one small function that says what moto does and what AWS does instead. What is not
corrected is moto's: no IAM enforcement, no evaluation of metric filters or of alarms.
"""

from __future__ import annotations

from . import (
    alarms,
    alarms_found,
    cloudtrail,
    config,
    ec2,
    events,
    iam,
    identity,
    kms,
    logs,
    mute_rules,
    observability,
    sns,
)
from .patching import Corrections

_ALL: tuple[Corrections, ...] = (
    identity.CORRECTIONS,
    cloudtrail.CORRECTIONS,
    logs.CORRECTIONS,
    alarms.CORRECTIONS,
    alarms_found.CORRECTIONS,
    mute_rules.CORRECTIONS,
    observability.CORRECTIONS,
    sns.CORRECTIONS,
    kms.CORRECTIONS,
    iam.CORRECTIONS,
    config.CORRECTIONS,
    events.CORRECTIONS,
    ec2.CORRECTIONS,
)


def apply_corrections() -> None:
    """Corrects moto's classes in this process, for `mock_aws` and the server alike; once is enough."""
    for corrections in _ALL:
        corrections.apply()
