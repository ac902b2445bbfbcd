"""What is known of each account of an organization, and the counts that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from root_usage.verdict.findings import Code

from ..desk.accepted import Accepted, of_account
from ..desk.exit_status import WORST_FIRST, ExitStatus, worst
from ..desk.verdict_status import status_of_code

NO_RESULT = "NO_RESULT"
# An account is counted once: by what is wrong in any region, else by what is proven in any.
RANKS = ("NON_COMPLIANT", "COMPLIANT", "NOT_APPLICABLE", NO_RESULT)

# What a note begins with where this tool failed on the account, and not the account.
DEFECT = "defect: "
MORE = "MORE"

Key = tuple[str, str, str]
"""Account, region, and the rule's name there."""


@dataclass(frozen=True, slots=True)
class AccountResult:
    """One account, in the region that the rule ran in; `note` says why there is no result.

    `code` is the first finding's, empty where the annotation has none; `recorded_at` is the time of the
    result in ISO 8601, empty where that isn't known; `name` is the account's in the organization.
    `other_codes` are those of the findings behind the first, MORE where nobody knows which. `accepted` says
    why and until when all of them are.
    """

    account_id: str
    region: str = ""
    compliance_type: str = NO_RESULT
    annotation: str = ""
    code: str = ""
    rule: str = ""
    recorded_at: str = ""
    note: str = ""
    name: str = ""
    other_codes: str = ""
    accepted: str = ""

    @property
    def key(self) -> Key:
        return self.account_id, self.region, self.rule

    @property
    def first_broken_link(self) -> str:
        """Empty where none is broken, `unknown` where the annotation doesn't tell."""
        if self.compliance_type != "NON_COMPLIANT":
            return ""
        return Code[self.code].link.title if self.code else "unknown"

    @property
    def is_stale(self) -> bool:
        """Whether it was COMPLIANT, too long ago to be believed; see `without_stale_green`."""
        return self.compliance_type == NO_RESULT and bool(self.recorded_at)

    @property
    def status(self) -> ExitStatus:
        match self.compliance_type:
            case "COMPLIANT":
                return ExitStatus.FINE
            case "NOT_APPLICABLE":
                return ExitStatus.NOT_APPLICABLE
            case "NON_COMPLIANT" if self.accepted:
                return ExitStatus.FINE
            case "NON_COMPLIANT":
                return status_of_code(Code[self.code]) if self.code else ExitStatus.NOT_COMPLIANT
            case _:
                return ExitStatus.DEFECT if self.note.startswith(DEFECT) else ExitStatus.CANNOT_VERIFY

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Totals:
    """Accounts by what is known of them, the broken ones by their first broken link and first finding.

    `oldest_at` is the time of the oldest result, empty where none has one; `status` is the worst account's;
    `accepted` counts those of NON_COMPLIANT that are accepted.
    """

    accounts: int
    by_type: dict[str, int]
    by_link: dict[str, int]
    by_code: dict[str, int]
    accepted: int
    oldest_at: str
    status: ExitStatus


def totals_of(results: Iterable[AccountResult]) -> Totals:
    """Every account once, by its worst result."""
    results = list(results)
    worst_results = worst_of(results).values()
    broken = [each for each in worst_results if each.compliance_type == "NON_COMPLIANT"]
    types = Counter(each.compliance_type for each in worst_results)
    dated = [each for each in results if each.recorded_at]
    return Totals(
        len(worst_results),
        {kind: types[kind] for kind in RANKS if types[kind]},
        _most_first(each.first_broken_link for each in broken),
        _most_first(each.code for each in broken if each.code),
        sum(bool(each.accepted) for each in worst_results),
        min((each.recorded_at for each in dated), key=datetime.fromisoformat, default=""),
        worst(each.status for each in worst_results),
    )


def worst_of(results: Iterable[AccountResult]) -> dict[str, AccountResult]:
    """Each account's worst result, by its number; among equals the first."""
    found: dict[str, AccountResult] = {}
    for result in results:
        before = found.get(result.account_id)
        if before is None or _how_bad(result) < _how_bad(before):
            found[result.account_id] = result
    return found


def rank_of(result: AccountResult) -> int:
    return RANKS.index(result.compliance_type)


def _how_bad(result: AccountResult) -> tuple[int, int]:
    """The less, the worse."""
    return rank_of(result), WORST_FIRST.index(result.status)


def named(results: Iterable[AccountResult], names: Mapping[str, str]) -> list[AccountResult]:
    """The results with their accounts' names, as far as they are known."""
    return [replace(each, name=names.get(each.account_id, "")) for each in results]


def without_stale_green(
    results: Iterable[AccountResult], now: datetime, max_age: timedelta
) -> list[AccountResult]:
    """The results, but a COMPLIANT one that is older than that, or of no known age, proves nothing.

    AWS Config shows the last result until another one replaces it, also where the rule has stopped.
    """
    return [_proof_of_today(each, now - max_age) for each in results]


def _proof_of_today(result: AccountResult, oldest: datetime) -> AccountResult:
    if result.compliance_type != "COMPLIANT":
        return result
    if not result.recorded_at:
        note = result.note or "COMPLIANT, but AWS Config doesn't show since when"
        return replace(result, compliance_type=NO_RESULT, note=note)
    recorded = datetime.fromisoformat(result.recorded_at)
    if recorded >= oldest:
        return result
    return replace(
        result,
        compliance_type=NO_RESULT,
        note=f"COMPLIANT on {recorded:%Y-%m-%d}, and no result since: does the rule still run here?",
    )


def with_accepted(results: Iterable[AccountResult], accepted: Sequence[Accepted]) -> list[AccountResult]:
    """The results; one of which every finding is accepted says so, and is still NON_COMPLIANT."""
    return [_accepted(each, of_account(accepted, each.account_id)) for each in results]


def _accepted(result: AccountResult, accepted: Mapping[Code, Accepted]) -> AccountResult:
    by_name = {code.name: each for code, each in accepted.items()}
    codes = [result.code, *result.other_codes.split()]
    if result.compliance_type != "NON_COMPLIANT" or not set(codes) <= by_name.keys():
        return result
    return replace(result, accepted="; ".join(dict.fromkeys(str(by_name[each]) for each in codes)))


def _most_first(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda each: (-each[1], each[0])))
