"""Judges the way from an EventBridge rule into another event bus: does what it forwards get in?

The target's role has to be one that EventBridge may assume and that may put events there, and the bus of
another account has to let this account in. What becomes of an event there is up to the bus's rules.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..aws.arn import Arn, MalformedArn, Place
from ..aws.asking import Evidence, Unreadable
from ..aws.events import EventBus, EventBusNamed, Rule, RulesOfBus, Target
from ..aws.roles import OrganizationOf, RightsOf, Simulation, TrustPolicyOf
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote, unreadable
from .conditions import RequestContext
from .policy import ASSUME_ROLE, Allowed, Denied, Unproven, may
from .reader import remedy_for
from .settings import DeliverySettings
from .targets import EVENTBRIDGE, name_of_bus

PUT_EVENTS = "events:PutEvents"

_GIVE_ROLE = f"give its target a role that may call {PUT_EVENTS} there"
_ALLOW_ROLE = "allow it in the role's policies, without a condition"
_LET_IN = f"allow {PUT_EVENTS} to this account in its policy"
_TRUST = f"allow {ASSUME_ROLE} to {EVENTBRIDGE.principal} in the role's trust policy"


def judge_forwarding(
    evidence: Evidence, rule: Rule, target: Target, bus: Arn, settings: DeliverySettings
) -> Finding | None:
    """What keeps out of the bus, or may, what the rule forwards by this target; None where it gets in."""
    return _Forwarding(evidence, rule, target, bus, settings).obstacle()


def called(bus: Arn, evidence: Evidence) -> str:
    """The bus, with account and region, for a message."""
    account = f" of account {bus.account_id}" if bus.account_id != evidence.account_id else ""
    return f"event bus {quote(name_of_bus(bus))}{account} in {bus.region}"


def at_bus(finding: Finding, bus: Arn, evidence: Evidence) -> Finding:
    """The finding about what is where the bus is, unless it says already where it is."""
    account_id = None if bus.account_id == evidence.account_id else bus.account_id
    return replace(finding, account_id=finding.account_id or account_id, region=finding.region or bus.region)


def event_bus_unreadable(
    evidence: Evidence, rule: Rule, bus: Arn, refusal: Unreadable, settings: DeliverySettings
) -> Finding:
    """The finding that AWS refused to show the bus, or its rules."""
    remedy = remedy_for(refusal, evidence, rule.arn, bus, settings)
    found = unreadable(Code.EVENT_BUS_UNREADABLE, str(bus), called(bus, evidence), refusal, remedy)
    return at_bus(found, bus, evidence)


@dataclass(frozen=True, slots=True)
class _Forwarding:
    evidence: Evidence
    rule: Rule
    target: Target
    bus: Arn
    settings: DeliverySettings

    def __str__(self) -> str:
        return f"{EVENTBRIDGE.noun} {quote(self.rule.name)}"

    @property
    def is_own(self) -> bool:
        return self.bus.account_id == self.evidence.account_id

    def obstacle(self) -> Finding | None:
        bus = called(self.bus, self.evidence)
        if not (self.is_own or self.settings.has_reading_role):
            return self._undecided(
                f"{self} forwards to {bus}, whose rules are not read",
                "name a role there that may read them in parameter ReadingRoleName",
            )
        if not self.target.sends_whole_event:
            # To a bus of another account AWS lets nobody send anything else.
            # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
            return self._undecided(
                f"{self} forwards to {bus} what isn't the event itself",
                "take away Input, InputPath and InputTransformer of its target",
            )
        role = self._role()
        if role is None:
            # AWS's pages contradict each other on buses of the same account: with roles, or without. For
            # those of others it asks for one since March 2023, and shows no target's age.
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
            return self._undecided(f"{self} forwards to {bus} without a role of this account", _GIVE_ROLE)
        own = Place(self.evidence.account_id, self.evidence.region)
        trust, rights = TrustPolicyOf(own, role), RightsOf(own, role, PUT_EVENTS, self.bus)
        bus_there = EventBusNamed(self.bus.place, name_of_bus(self.bus))
        self.evidence.need(trust, rights, bus_there, RulesOfBus(self.bus.place, name_of_bus(self.bus)))
        return self._judge_trust(trust) or self._judge_rights(rights) or self._judge_bus(role, bus_there)

    def _role(self) -> Arn | None:
        try:
            role = Arn.parse(self.target.role_arn or "")
        except MalformedArn:
            return None
        return role if role.account_id == self.evidence.account_id else None

    # -- the role ----------------------------------------------------------------------------------

    def _judge_trust(self, question: TrustPolicyOf) -> Finding | None:
        role, policy = question.role, self.evidence.answer(question)
        if isinstance(policy, Unreadable):
            return self._unreadable_role(role, policy)
        if policy is None:
            return self._denies(f"role {_named(role)} doesn't exist", _GIVE_ROLE)
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
        request = RequestContext(
            {"aws:sourceaccount": self.rule.arn.account_id, "aws:sourcearn": str(self.rule.arn)}
        )
        match may(policy, EVENTBRIDGE.principal, ASSUME_ROLE, str(role), request):
            case Allowed():
                return None
            case Denied():
                return self._denies(f"EventBridge may not assume role {_named(role)}", _TRUST)
            case Unproven(reason):
                doubt = f"whether EventBridge may assume role {_named(role)} of rule {quote(self.rule.name)}"
                return self._undecided(doubt, _TRUST, reason)

    def _judge_rights(self, question: RightsOf) -> Finding | None:
        role, rights = question.role, self.evidence.answer(question)
        if isinstance(rights, Unreadable):
            return self._unreadable_role(role, rights)
        if rights is None:
            return self._denies(f"role {_named(role)} doesn't exist", _GIVE_ROLE)
        may_not = f"role {_named(role)} may not call {PUT_EVENTS} on {called(self.bus, self.evidence)}"
        if not rights.allowed_by_organization:
            return self._denies(f"{may_not}, by a service control policy", "let that policy allow it")
        if not rights.allowed_by_boundary:
            return self._denies(f"{may_not}, by its permissions boundary", "let that boundary allow it")
        doubt = f"whether role {_named(role)} may put events on {called(self.bus, self.evidence)}"
        if rights.missing_keys:
            reason = f"its policies depend on {' and '.join(rights.missing_keys)}"
            return self._undecided(doubt, _ALLOW_ROLE, reason)
        decision = _decided_by_role(rights, is_own=self.is_own)
        if decision is None:
            return self._undecided(doubt, _ALLOW_ROLE, "IAM's simulator doesn't tell")
        return None if decision == "allowed" else self._denies(may_not, _ALLOW_ROLE)

    # -- the bus -----------------------------------------------------------------------------------

    def _judge_bus(self, role: Arn, question: EventBusNamed) -> Finding | None:
        found, bus = self.evidence.answer(question), called(self.bus, self.evidence)
        if isinstance(found, Unreadable):
            return event_bus_unreadable(self.evidence, self.rule, self.bus, found, self.settings)
        if found is None:
            return self._there(
                Code.EVENT_BUS_MISSING,
                f"{self} forwards to {bus}, which doesn't exist, so no one is told",
                "create the bus and a rule there, or let the rule notify a topic of its own region",
            )
        if found.kms_key:
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
            return self._undecided(
                f"{self} forwards to {bus}, which a key of the customer's encrypts",
                "let the bus use the key that EventBridge owns",
            )
        return self._judge_policy(role, found)

    def _judge_policy(self, role: Arn, found: EventBus) -> Finding | None:
        bus, policy = called(self.bus, self.evidence), found.policy or '{"Statement": []}'
        organization: str | Unreadable | None = ""
        if "principalorgid" in policy.lower():
            own = Place(self.evidence.account_id, self.evidence.region)
            organization = self.evidence.answer(OrganizationOf(own))
        request = _request_of(role, organization)
        # In its own account the role's policies are enough, if no other forbids it.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        match may(policy, role, PUT_EVENTS, str(self.bus), request, is_allowed=self.is_own):
            case Allowed():
                return None
            case Denied(None):
                fault = f"{bus} doesn't let account {self.evidence.account_id} put events"
                denied = self._there(Code.EVENT_BUS_DENIES, f"{fault}, so no one is told", _LET_IN)
                return replace(denied, statement=self._admission())
            case Denied(statement):
                fault = (
                    f"statement {quote(str(statement))} in the policy of {bus} forbids {self} to put events"
                )
                remedy = f"except role {_named(role)} from that statement"
                return self._there(Code.EVENT_BUS_DENIES, f"{fault}, so no one is told", remedy)
            case Unproven() if isinstance(organization, Unreadable):
                subject = "the organization of this account"
                refused = unreadable(Code.EVENT_BUS_UNREADABLE, str(self.bus), subject, organization)
                whole = f"{refused.message}, and {bus} lets in one"
                return replace(refused, message=whole, short_message=refused.message)
            case Unproven(reason):
                doubt = f"can't decide whether {bus} lets {self} put events"
                undecided = self._there(Code.TARGET_UNDECIDED, f"{doubt}: {reason}", _LET_IN)
                short = f"{doubt} ({IN_THE_LOG})"
                return replace(undecided, short_message=short, statement=self._admission())

    def _admission(self) -> dict[str, Any]:
        """The policy statement, ready to paste, that lets this account in."""
        return {
            "Sid": f"RootUsageOf{self.evidence.account_id}",
            "Effect": "Allow",
            "Principal": {"AWS": self.evidence.account_id},
            "Action": PUT_EVENTS,
            "Resource": str(self.bus),
        }

    # -- findings ----------------------------------------------------------------------------------

    def _there(self, code: Code, message: str, remedy: str) -> Finding:
        return at_bus(Finding(code, str(self.bus), message, remedy), self.bus, self.evidence)

    def _denies(self, fault: str, remedy: str) -> Finding:
        return Finding(Code.EVENT_BUS_DENIES, self.rule.name, f"{fault}, so {self} tells no one", remedy)

    def _undecided(self, doubt: str, remedy: str, reason: str | None = None) -> Finding:
        if reason is None:
            return Finding(Code.TARGET_UNDECIDED, self.rule.name, f"cannot verify: {doubt}", remedy)
        return Finding(
            Code.TARGET_UNDECIDED,
            self.rule.name,
            f"can't decide {doubt}: {reason}",
            remedy,
            short_message=f"can't decide {doubt} ({IN_THE_LOG})",
        )

    def _unreadable_role(self, role: Arn, refusal: Unreadable) -> Finding:
        subject = f"role {_named(role)} of {self}"
        return unreadable(Code.EVENT_BUS_UNREADABLE, self.rule.name, subject, refusal)


def _named(role: Arn) -> str:
    return quote(role.resource.rpartition("/")[2])


def _decided_by_role(rights: Simulation, *, is_own: bool) -> str | None:
    """What the policies of the role's account decide on a bus, its own or not; None where IAM doesn't tell.

    On another account's, IAM tells what each type of policy decides. The bus's own counts as one that allows
    nothing, as IAM takes none for a role. AWS doesn't document the names of the types.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    decisions = set(rights.decisions)
    if not is_own and decisions == {"implicitDeny"}:
        decisions = {says for kind, says in rights.by_policy_type if "resource" not in kind.lower()}
    return decisions.pop() if len(decisions) == 1 else None


def _request_of(role: Arn, organization: str | Unreadable | None) -> RequestContext:
    """The context of PutEvents by a session of the role; an empty organization isn't known.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    values = {
        "aws:principalaccount": role.account_id,
        "aws:principalarn": str(role),
        "aws:principaltype": "AssumedRole",
        "aws:principalisawsservice": "false",
        "aws:securetransport": "true",
    }
    if organization and isinstance(organization, str):
        values["aws:principalorgid"] = organization
    absent = frozenset({"aws:principalorgid"} if organization is None else ())
    return RequestContext(values, absent)
