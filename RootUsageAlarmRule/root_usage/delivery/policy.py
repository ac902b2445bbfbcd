"""Decides whether a resource policy lets a service, or a role, do one thing: yes, no, or unproven.

Covers what the policies of topics, KMS keys, Lambda functions and event buses are written in, and the trust
policies of roles. Whatever this module doesn't understand is a doubt: an Allow that depends on it is no
proof, and a Deny that might apply takes the proof away.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..aws.arn import Arn
from ..verdict.findings import quote
from ..work import judged, spend
from .conditions import RequestContext, conditions_hold
from .json_text import read_json_object
from .ternary import Doubt, Ternary, every, negation, some
from .wildcards import matches_wildcards


@dataclass(frozen=True, slots=True)
class Allowed:
    """A statement allows the request, and none denies it."""


@dataclass(frozen=True, slots=True)
class Denied:
    """`statement` denies the request; None: no statement allows it."""

    statement: str | None


@dataclass(frozen=True, slots=True)
class Unproven:
    """The request may or may not be allowed; `reason` names what can't be decided."""

    reason: str


Permission = Allowed | Denied | Unproven

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
_VERSIONS = ("2012-10-17", "2008-10-17")

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
_POLICY_ELEMENTS = frozenset({"Version", "Id", "Statement"})
STATEMENT_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


Principal = str | Arn
"""Who asks: a service, by its principal's name, or a role."""

# The one action of a trust policy, which names no resource: that is the role.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
ASSUME_ROLE = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class _Request:
    principal: Principal
    action: str
    resource: str
    context: RequestContext
    is_allowed: bool


MAX_STEPS = 50_000
"""Steps of work on one policy. SNS takes 30 kB, KMS 32 kB: that is less than a tenth."""

_CHARACTERS_IN_A_STEP = 16


@judged(lambda _text, _principal, _action, resource, *_: f"policy of {quote(resource)}", MAX_STEPS, Unproven)
def may(  # noqa: PLR0913 all that a decision depends on
    policy_text: str,
    principal: Principal,
    action: str,
    resource: str,
    context: RequestContext,
    *,
    is_allowed: bool = False,
) -> Permission:
    """Whether the policy, a trust policy for ASSUME_ROLE, lets the principal carry out the action.

    `is_allowed`: a policy of the principal's own allows it already, in the resource's account.
    """
    spend(len(policy_text) // _CHARACTERS_IN_A_STEP)
    policy = read_json_object(policy_text)
    if isinstance(policy, Doubt):
        return Unproven(policy.reason)
    version = policy.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        return Unproven("its version")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    context = replace(context, has_variables=version != "2008-10-17")
    unknown = sorted(policy.keys() - _POLICY_ELEMENTS)
    if unknown:
        return Unproven(f"element `{_printable(unknown[0])}`")
    statements = policy.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        return Unproven("it has no list of statements")
    request = _Request(principal, action, resource, context, is_allowed)
    return _decide([(_name(each, place), each) for place, each in enumerate(statements, 1)], request)


def _decide(statements: list[tuple[str, dict[str, Any]]], request: _Request) -> Permission:
    # A statement whose effect isn't known counts as both.
    allowing = _applying(statements, request, but="Deny")
    denying = _applying(statements, request, but="Allow")
    denial = next((name for name, applies in denying if applies is True), None)
    if denial is not None:
        return Denied(denial)
    allowed = request.is_allowed or any(applies is True for _, applies in allowing)
    if not allowed and all(applies is False for _, applies in allowing):
        return Denied(None)
    # What is meant for the principal decides sooner than what is meant for everybody.
    meant = {name for name, each in statements if _is_meant_for(request.principal, each)}
    allowing.sort(key=lambda each: each[0] not in meant)
    doubts = [
        f"statement `{name}`: {applies.reason}"
        for name, applies in (denying if allowed else allowing + denying)
        if isinstance(applies, Doubt)
    ]
    return Unproven(doubts[0]) if doubts else Allowed()


def _applying(
    statements: list[tuple[str, dict[str, Any]]], request: _Request, *, but: str
) -> list[tuple[str, Ternary]]:
    return [(name, _applies(each, request)) for name, each in statements if each.get("Effect") != but]


def _name(statement: dict[str, Any], place: int) -> str:
    """The statement's own id, or its number in the policy."""
    sid = statement.get("Sid")
    return sid.replace("`", "'") if isinstance(sid, str) and sid else str(place)


def _applies(statement: dict[str, Any], request: _Request) -> Ternary:
    unknown = sorted(statement.keys() - STATEMENT_ELEMENTS)
    if unknown:
        return Doubt(f"element `{_printable(unknown[0])}`")
    if statement.get("Effect") not in ("Allow", "Deny"):
        return Doubt("its effect")
    allows = statement["Effect"] == "Allow"
    return every(
        [
            _principal_fits(statement, request.principal, allows=allows),
            _element_fits(statement, "Action", _action_fits(request.action)),
            _resource_element_fits(statement, request),
            conditions_hold(statement.get("Condition", {}), request.context, allows=allows),
        ]
    )


# -- principals --------------------------------------------------------------------------------------


def _principal_fits(statement: dict[str, Any], principal: Principal, *, allows: bool) -> Ternary:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        return Doubt("its principal")
    if "Principal" in statement:
        return _names(statement["Principal"], principal)
    if isinstance(principal, Arn):
        return Doubt("NotPrincipal")  # it has to name account, role and session to spare a role
    fits = negation(_names(statement["NotPrincipal"], principal))
    # AWS documents NotPrincipal for Deny only, so an Allow by it proves nothing.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    return Doubt("NotPrincipal") if fits is True and allows else fits


def _is_meant_for(principal: Principal, statement: dict[str, Any]) -> bool:
    named = statement.get("Principal")
    return isinstance(named, dict) and principal in _listed(named.get("Service"))


def _names(named: Any, principal: Principal) -> Ternary:
    if named == "*":
        return True
    if not isinstance(named, dict) or not named:
        return Doubt("its principal")
    return some(_is_named(kind, name, principal) for kind, names in named.items() for name in _listed(names))


def _is_named(kind: str, name: Any, principal: Principal) -> Ternary:
    if not isinstance(name, str):
        return Doubt("its principal")
    match kind, principal:
        case "Service", str():
            return _is_service(name, principal)
        case "Service", Arn():
            return False
        case "AWS", _ if name == "*":
            return True
        case "AWS", _ if "*" in name:
            return Doubt("its principal")
        case "AWS", Arn():
            return _is_role(name, principal)
        # An account, a user or a role is never a service, not even the service's own account.
        case (("AWS" | "Federated" | "CanonicalUser"), _):
            return False
        case _:
            return Doubt("its principal")


def _is_role(name: str, role: Arn) -> Ternary:
    """Whether the name is the role's, or its account's, which stands for all that is in there."""
    if name in (role.account_id, f"arn:{role.partition}:iam::{role.account_id}:root", str(role)):
        return True
    # What else is of that account may be the role's session or id; of another account it is never.
    if f":{role.account_id}:" in name or not (name.startswith("arn:") or name.isdigit()):
        return Doubt("its principal")
    return False


def _is_service(name: str, service: str) -> Ternary:
    if name == service:
        return True
    # A regional or a partition's spelling of the same service may or may not be the one that calls.
    base = service.removesuffix(".amazonaws.com")
    if "*" in name or name == base or name.startswith(f"{base}."):
        return Doubt(f"principal `{_printable(name)}`")
    return False


# -- actions and resources ---------------------------------------------------------------------------


def _element_fits(statement: dict[str, Any], element: str, fits: Callable[[str], Ternary]) -> Ternary:
    if (element in statement) == (f"Not{element}" in statement):
        return Doubt(f"its {element.lower()}")
    if element in statement:
        return _any_fits(statement[element], element, fits)
    return negation(_any_fits(statement[f"Not{element}"], element, fits))


def _any_fits(given: Any, element: str, fits: Callable[[str], Ternary]) -> Ternary:
    listed = _listed(given)
    if not listed or not all(isinstance(each, str) for each in listed):
        return Doubt(f"its {element.lower()}")
    return some(fits(each) for each in listed)


def _resource_element_fits(statement: dict[str, Any], request: _Request) -> Ternary:
    if request.action == ASSUME_ROLE and not statement.keys() & {"Resource", "NotResource"}:
        return True
    return _element_fits(statement, "Resource", _resource_fits(request))


def _action_fits(action: str) -> Callable[[str], Ternary]:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    return lambda pattern: matches_wildcards(pattern.lower(), action.lower())


def _resource_fits(request: _Request) -> Callable[[str], Ternary]:
    def fits(pattern: str) -> Ternary:
        if request.context.has_variables and "${" in pattern:
            return Doubt(f"policy variable in `{_printable(pattern)}`")
        return matches_wildcards(pattern, request.resource)

    return fits


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _printable(text: str) -> str:
    return text.replace("`", "'")
