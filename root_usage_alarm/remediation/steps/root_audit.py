"""What root of a member account holds, read from the organization's management (or IAM delegated) account."""

from __future__ import annotations

from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import JSON, CannotRemediate, credentials_of, root_session


def handler(events: JSON, _context: Any) -> JSON:
    """Root's credentials in the member account, and whether some are to be deleted."""
    member, dry_run = events["MemberAccountId"], events["DryRun"]
    here = boto3.client("sts", events["Region"]).get_caller_identity()
    organization = boto3.client("organizations", events["Region"]).describe_organization()["Organization"]
    if member in (organization["MasterAccountId"], here["Account"]):
        raise CannotRemediate(
            f"account {member} is the management account, or the one that this runs in: "
            "its root user has to delete its credentials itself, in the console"
        )
    if not dry_run and events["Confirmation"] != member:
        raise CannotRemediate(f"nothing is deleted: Confirmation has to be the member's account id, {member}")
    found = credentials_of(root_session(events["Region"], member, "IAMAuditRootUserCredentials"))
    doomed = [f"access key {key}" for key in found["AccessKeys"]]
    if events["DeleteSigningCertificates"]:
        doomed += [f"signing certificate {each}" for each in found["SigningCertificates"]]
    if events["DeleteLoginProfile"] and found["LoginProfile"]:
        doomed.append("login profile (root's password)")
    would = "would delete " if dry_run else "deletes "
    summary = f"account {member}: " + (would + ", ".join(doomed) if doomed else "nothing to delete")
    return {**found, "Summary": summary, "WorkToDo": bool(doomed) and not dry_run}
