"""Every code leads from an account, through the handler, to a message that a test asserts whole."""

from __future__ import annotations

from root_usage.verdict.findings import Code

from tests.handler import (
    test_alarm_codes,
    test_dated_codes,
    test_delivery_codes,
    test_event_hubs,
    test_event_rules,
    test_handler,
    test_hiding,
    test_organization_trail,
    test_parameter_codes,
    test_pipelines,
    test_refusal_codes,
    test_trail_codes,
)

# The tables, and in which of a row's columns the code is.
TABLES = (
    (test_handler.BROKEN, 1),
    (test_trail_codes.BROKEN, 1),
    (test_alarm_codes.BROKEN, 1),
    (test_alarm_codes.COMPOSITES, 1),
    (test_delivery_codes.BROKEN, 1),
    (test_parameter_codes.BROKEN, 2),
    (test_dated_codes.DATED, 2),
    (test_hiding.CHANGED, 1),
    (test_pipelines.CHANGING, 1),
    (test_refusal_codes.REFUSED, 3),
    (test_event_rules.BROKEN, 2),
    (test_event_hubs.BROKEN, 1),
    (test_event_hubs.REFUSED, 1),
    (test_event_rules.REFUSED, 1),
    (test_organization_trail.COPIES, 1),
)
# Of test_alarm_codes.test_3_alarm_on_another_metric_is_named and of test_time, which are no rows of a table.
BESIDE_THE_TABLES = {"ALARM_OTHER_METRIC", "NOT_DECIDED_IN_TIME"}


def test_3_every_code_is_driven_through_the_handler() -> None:
    driven = {row.values[column] for table, column in TABLES for row in table}

    assert driven | BESIDE_THE_TABLES == {code.name for code in Code}
