"""Deletes what root of a member account holds, and reads back what is left."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from root_usage_alarm.remediation.steps.shared import JSON, CannotRemediate, credentials_of, root_session


def handler(events: JSON, _context: Any) -> JSON:
    """Deletes root's access keys, and on explicit parameters its certificates and password."""
    member, region = events["MemberAccountId"], events["Region"]
    if events["DryRun"] or events["Confirmation"] != member:
        raise CannotRemediate("nothing is deleted in a dry run, or without the member's account id")
    iam = root_session(region, member, "IAMDeleteRootUserCredentials")
    done = []
    for key in events["AccessKeys"]:
        delete(iam, iam.delete_access_key, AccessKeyId=key)
        done.append(f"deleted access key {key}")
    if events["DeleteSigningCertificates"]:
        for certificate in events["SigningCertificates"]:
            delete(iam, iam.delete_signing_certificate, CertificateId=certificate)
            done.append(f"deleted signing certificate {certificate}")
    if events["DeleteLoginProfile"] and events["LoginProfile"]:
        delete(iam, iam.delete_login_profile)
        done.append("deleted the login profile")
    left = credentials_of(root_session(region, member, "IAMAuditRootUserCredentials"))
    if left["AccessKeys"]:
        raise CannotRemediate(f"root has access keys again: {', '.join(left['AccessKeys'])}")
    return {"Done": done, "Left": str(left)}


def delete(iam: Any, call: Any, **arguments: str) -> None:
    with suppress(iam.exceptions.NoSuchEntityException):  # gone since it was listed
        call(**arguments)
