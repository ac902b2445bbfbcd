"""Which account a caller belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable

import moto.iam.models

from .patching import Corrections

CORRECTIONS = Corrections()

# moto takes an access key for one only when it has 20 characters, as AWS's have.
_PREFIX = "LOCALAWS"
_OURS = re.compile(_PREFIX + r"(?P<account>\d{12})")


def access_key_of(account_id: str) -> str:
    """The access key id that stands for an administrator of the account."""
    return _PREFIX + account_id


@CORRECTIONS.replaces(moto.iam.models, "get_account_id_from")
def access_key_names_the_account(original: Callable[[str], str], access_key: str) -> str:
    """moto puts every access key that it did not make into account 123456789012.

    On AWS an access key belongs to one account
    (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html). Here one of ours
    carries the account's id, so that ordinary clients of several accounts need no call beforehand.
    """
    match = _OURS.fullmatch(access_key)
    return match["account"] if match else original(access_key)
