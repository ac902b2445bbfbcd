"""How long `report` takes for an organization: `python -m tests.bench.report [accounts]`.

With latency and throttling injected into botocore; the accounts are made up, the retries are real.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from root_usage_alarm.commands.account_results import totals_of
from root_usage_alarm.commands.aggregate import WORKERS
from root_usage_alarm.commands.report import MOST_HOURS, PATIENT, read
from root_usage_alarm.commands.run_state import State
from tests.bench.simulated_organization import RULE, SimulatedOrganization

LATENCY = 0.03  # seconds an answer of AWS takes, near enough within a region
RATE = 150.0  # calls a second that the simulated AWS takes; AWS doesn't publish its own


def main(accounts: int) -> None:
    organization = SimulatedOrganization(accounts, LATENCY, RATE, recorded_at=datetime.now(UTC))
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder) / "state.jsonl", {"aggregator": "simulated"}, datetime.now(UTC))
        started = time.perf_counter()
        results = read(
            organization.client("config", PATIENT),
            organization.client("organizations", PATIENT),
            "simulated",
            RULE,
            state,
            timedelta(hours=MOST_HOURS),
        )
        seconds = time.perf_counter() - started
    calls = sum(organization.calls.values())
    totals = totals_of(results)
    print(f"report on {totals.accounts:,} accounts: {seconds:.1f} s, {calls:,} calls,")
    print(f"  {organization.throttled:,} of them throttled, {WORKERS} workers,")
    print(f"  {LATENCY * 1000:.0f} ms an answer, {RATE:.0f} answers a second at most")
    for operation, count in sorted(organization.calls.items()):
        print(f"  {count:>7,} {operation}")
    for words, count in (totals.by_type | totals.by_link).items():
        print(f"  {count:>7,} accounts: {words}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
