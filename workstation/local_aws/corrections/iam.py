"""IAM: a credential report of now, with the root user in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_CREATED = "2020-01-01T00:00:00+00:00"


@dataclass(slots=True)
class Root:
    """What the account's root user last did with its password; None: nothing on record."""

    password_last_used: datetime | None = None


def root_of(backend: Any) -> Root:
    return kept(backend, "root_user", Root)


@CORRECTIONS.replaces(IAMBackend, "get_credential_report")
def report_has_the_root_user(original: Callable[..., str], self: Any) -> str:
    """moto's report has the users only, and knows them to be called something.

    AWS's first row is `<root_account>`:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    header, *users = original(self).splitlines()
    used = root_of(self).password_last_used
    row = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{self.account_id}:root",
        "user_creation_time": _CREATED,
        "password_enabled": "TRUE",
        "password_last_used": used.isoformat() if used else "no_information",
        "password_last_changed": _CREATED,
        "password_next_rotation": "not_supported",
        "mfa_active": "TRUE",
        **{f"{what}_active": "FALSE" for what in ("access_key_1", "access_key_2", "cert_1", "cert_2")},
    }
    columns = header.split(",")
    return "\n".join([header, ",".join(row.get(each, "N/A") for each in columns), *users]) + "\n"


@CORRECTIONS.replaces(IamResponse, "get_credential_report")
def report_is_of_now(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto's report is always of 2015; AWS's is at most four hours old, or expired (see above)."""
    answer = original(self)
    generated = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    result: Any = answer.result
    return ActionResult({**result, "GeneratedTime": generated})
