"""What is known of each account of an organization, and the counts that follow from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from root_usage.findings import Code, Link

LINK_NAMES = {
    Link.RULE: "rule",
    Link.TRAIL: "trail",
    Link.LOG_GROUP: "log group",
    Link.METRIC_FILTER: "metric filter",
    Link.ALARM: "alarm",
    Link.ACTION: "alarm action",
    Link.SUBSCRIBER: "subscriber",
    Link.ROOT_USER: "root user",
}

NO_RESULT = "NO_RESULT"
# The worst first: an account is counted once, whatever its regions say.
RANKS = ("NON_COMPLIANT", "COMPLIANT", "NOT_APPLICABLE", NO_RESULT)

# How the first sentence of an annotation begins, once what the customer named is taken out of it. AWS
# Config's aggregator hands on nothing but the annotation; a code at its end, `[ALARM_UNIT]`, is
# taken at its word.
_CODE = re.compile(r"\[([A-Z_]+)\]\.?$")
_NAME = re.compile(r"`[^`]*`")
_BEGINNINGS: Sequence[tuple[str, Link]] = (
    (r"cannot verify: rule parameter", Link.RULE),
    (r"cannot verify account .*sts:AssumeRole", Link.RULE),
    (r"cannot verify account|cannot verify:? trail|account \d+ has no trail|trail `", Link.TRAIL),
    (r"the trail's log group|log group `|cannot verify log group", Link.LOG_GROUP),
    (r"log group `` has no metric filter", Link.METRIC_FILTER),
    (r"cannot verify the subscriptions|cannot verify subscription", Link.SUBSCRIBER),
    (r"root |cannot verify when root|cannot verify .* of root of account", Link.ROOT_USER),
    (r"cannot verify the (topic|policy|key)|cannot verify (topic|key|action|function)", Link.ACTION),
    (r"alarm `` (has its actions disabled|has no action|doesn't notify topic)", Link.ACTION),
    (r"action `|function `|key `|the policy of|whether ", Link.ACTION),
    (r"topic `.*(subscri|confirmed|PersonProtocols|alarm message)", Link.SUBSCRIBER),
    (r"topic `", Link.ACTION),
    (
        r"(no|log|composite) alarm|alarm `|cannot verify (the alarms|alarm)|can't prove that alarm",
        Link.ALARM,
    ),
    (r"metric filters? ``.*publishes|filter `` publishes|metric `` is fed by", Link.ALARM),
    (r"(the|none of the .*|\d+) ?metric filters?|metric filters? `|filters? `", Link.METRIC_FILTER),
    (r"cannot verify (the|that) metric filters?", Link.METRIC_FILTER),
)


@dataclass(frozen=True, slots=True)
class AccountResult:
    """One account, in the region that the rule ran in; `note` says why there is no result."""

    account_id: str
    region: str = ""
    compliance_type: str = NO_RESULT
    annotation: str = ""
    link: str = ""
    rule: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Totals:
    """Accounts by what is known of them, and the broken ones by their first broken link."""

    accounts: int
    by_type: dict[str, int]
    by_link: dict[str, int]

    @property
    def everybody_is_told(self) -> bool:
        return set(self.by_type) <= {"COMPLIANT"} and self.accounts > 0


def totals_of(results: Iterable[AccountResult]) -> Totals:
    """Every account once, by its worst result."""
    worst: dict[str, AccountResult] = {}
    for result in results:
        before = worst.get(result.account_id)
        if before is None or rank_of(result) < rank_of(before):
            worst[result.account_id] = result
    types = Counter(each.compliance_type for each in worst.values())
    links = Counter(each.link for each in worst.values() if each.compliance_type == "NON_COMPLIANT")
    return Totals(
        len(worst),
        {kind: types[kind] for kind in RANKS if types[kind]},
        dict(sorted(links.items(), key=lambda each: (-each[1], each[0]))),
    )


def rank_of(result: AccountResult) -> int:
    return RANKS.index(result.compliance_type)


def first_broken_link(annotation: str) -> str:
    """The link that the annotation of a NON_COMPLIANT account is about; `unknown` where it doesn't tell."""
    code = _CODE.search(annotation)
    if code and code[1] in Code.__members__:
        return LINK_NAMES[Code[code[1]].link]
    text = _NAME.sub("``", annotation)
    for beginning, link in sorted(_BEGINNINGS, key=lambda each: -_matched(each[0], text)):
        if re.match(beginning, text):
            return LINK_NAMES[link]
    return "unknown"


def _matched(beginning: str, text: str) -> int:
    """How much of the text a beginning speaks for: the longest knows best."""
    match = re.match(beginning, text)
    return match.end() if match else 0
