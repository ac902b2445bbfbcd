"""Step 7: asks the rule again; what it doesn't call whole is a failure."""

from __future__ import annotations

from typing import Any

from root_usage_alarm.remediation.steps.shared import JSON, CannotRemediate, judgement


def handler(events: JSON, _context: Any) -> JSON:
    """The rule's verdict; fails unless that is COMPLIANT, or only waits for a person or for CloudTrail."""
    chain = events["Chain"]
    said = judgement(events["Region"], chain["Account"], events["ConfigRuleName"], is_first=False)
    compliance, annotation, code = said["Compliance"], said["Annotation"], said["Code"]
    if not compliance:
        return {"Outcome": "made; no rule judged it, as ConfigRuleName is empty"}
    if compliance == "COMPLIANT":
        return {"Outcome": f"COMPLIANT: {annotation}"}
    if events["Waiting"] and code.startswith(("SUBSCRIPTION_", "TOO_FEW_")):
        return {"Outcome": f"Not told yet. Press Re-evaluate once a person has confirmed: {annotation}"}
    # An error of the delivery as it was before is shown until CloudTrail delivers anew.
    if chain["TrailChanged"] and code.startswith("TRAIL_DELIVERY_"):
        return {"Outcome": f"Not told yet. Press Re-evaluate in 15 minutes: {annotation}"}
    raise CannotRemediate(f"the rule still says {compliance}: {annotation}")
