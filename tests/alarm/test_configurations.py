"""Alarm configurations, each with the answer worked out by hand.

Every row changes the one working set-up (Sum >= 1 over 300 s, 1 of 1, notBreaching; metric value 1,
no default value) and says what AWS's documented evaluation makes of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from root_usage.alarm import Rings, Sources, filters_heard_by, judge_detection_time, judge_metric_alarm
from root_usage.aws.cloudwatch import AlarmState, Metric, MetricQuery
from root_usage.aws.logs import MetricFilter
from root_usage.verdict.findings import Code, Finding

from tests.alarm.working_alarm import ACCOUNT, ALARM, FILTER, NOW

ZEROS: dict[str, Any] = {"default_value": 0.0}
NAME, NAMESPACE = "RootAccountUsageCount", "CloudTrailMetrics"


def watching(**dimensions: str) -> Metric:
    return Metric(NAMESPACE, NAME, frozenset(dimensions.items()))


def judge(
    alarm: dict[str, Any] | None = None,
    feed: dict[str, Any] | None = None,
    companions: tuple[MetricFilter, ...] = (),
    account_id: str | None = None,
    certain: tuple[MetricFilter, ...] = (),
) -> Rings | Finding:
    sources = Sources(replace(FILTER, **(feed or {})), (*companions, *certain), account_id, certain)
    return judge_metric_alarm(replace(ALARM, **(alarm or {})), sources, NOW)


def companion(**changes: Any) -> MetricFilter:
    return replace(FILTER, name="second", **changes)


# -- alarms that ring --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alarm", "feed"),
    [
        pytest.param({}, {}, id="sum-one-of-one-not-breaching"),
        pytest.param({}, ZEROS, id="with-default-value-0"),
        pytest.param({"treat_missing_data": "missing"}, {}, id="missing-as-in-the-cis-recipe"),
        pytest.param({"treat_missing_data": "missing"}, ZEROS, id="missing-with-default-value-0"),
        pytest.param({"datapoints_to_alarm": None}, {}, id="datapoints-to-alarm-unset-means-all"),
        pytest.param({"period": 60}, ZEROS, id="period-of-a-minute"),
        pytest.param({"evaluation_periods": 3}, {}, id="one-of-three"),
        pytest.param({"evaluation_periods": 5, "treat_missing_data": "missing"}, ZEROS, id="one-of-five"),
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold", "threshold": 0.0}, {}, id="greater-than-0"
        ),
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold", "threshold": 0.0},
            ZEROS,
            id="greater-than-0-with-default-value-0",
        ),
        pytest.param({"threshold": 0.5}, ZEROS, id="threshold-one-half"),
        pytest.param({"threshold": 5.0}, {"metric_value": "5"}, id="threshold-5-and-metric-value-5"),
        pytest.param({"threshold": 1.0}, {"metric_value": "1.0"}, id="metric-value-with-decimals"),
        pytest.param({"threshold": 100.0}, {"metric_value": "1e2"}, id="metric-value-in-scientific-notation"),
        pytest.param({"statistic": "Maximum"}, {}, id="maximum"),
        pytest.param({"statistic": "Maximum"}, ZEROS, id="maximum-with-default-value-0"),
        pytest.param({"statistic": "Minimum"}, {}, id="minimum-without-default-value"),
        pytest.param({"statistic": "Average"}, {}, id="average-without-default-value"),
        pytest.param(
            {"statistic": "Average", "comparison_operator": "GreaterThanThreshold", "threshold": 0.0},
            ZEROS,
            id="average-above-0-however-diluted",
        ),
        pytest.param({"statistic": "SampleCount"}, {}, id="sample-count-without-default-value"),
        pytest.param({"statistic": "SampleCount"}, {"metric_value": "0"}, id="sample-count-of-a-zero"),
        pytest.param({"statistic": "p99"}, {}, id="p99-without-default-value"),
        pytest.param({"statistic": "p100"}, ZEROS, id="p100-is-the-maximum"),
        pytest.param({"statistic": "p0"}, {}, id="p0-is-the-minimum"),
        pytest.param(
            {"statistic": "p50", "evaluate_low_sample_count_percentile": "evaluate"}, {}, id="p50-evaluated"
        ),
        pytest.param({"statistic": "wm99"}, {}, id="winsorized-mean-of-equal-values"),
        pytest.param({"statistic": "TS(0%:100%)"}, ZEROS, id="trimmed-sum-that-trims-nothing"),
        pytest.param({"statistic": "PR(0.5:)"}, {}, id="percentile-rank"),
        pytest.param({"unit": "Count"}, {"unit": "Count"}, id="the-filters-unit"),
        pytest.param({"unit": "None"}, {}, id="unit-none-is-a-unit"),
        pytest.param(
            {"comparison_operator": "LessThanOrEqualToThreshold", "threshold": -1.0},
            ZEROS | {"metric_value": "-1"},
            id="negative-value-and-less-or-equal",
        ),
        pytest.param(
            {"metric": watching(Type="Root")},
            {"dimensions": (("Type", "$.userIdentity.type"),)},
            id="dimension-that-is-root-for-every-root-event",
        ),
    ],
)
def test_alarm_rings(alarm: dict[str, Any], feed: dict[str, Any]) -> None:
    assert judge(alarm, feed) == Rings(2, ())


@pytest.mark.parametrize(
    ("alarm", "minutes"),
    [
        pytest.param({"evaluation_periods": 12}, 60, id="one-of-twelve-as-aws-remediation-makes-it"),
        pytest.param({"period": 3600}, 60, id="period-of-an-hour"),
        pytest.param({"period": 3600, "evaluation_periods": 12}, 720, id="one-of-twelve-hours"),
        pytest.param({"period": 14340}, 239, id="longest-period-that-has-left-the-range-after-a-day"),
    ],
)
def test_alarm_that_stays_in_alarm_for_long_rings_with_a_note(alarm: dict[str, Any], minutes: int) -> None:
    note = (
        f"alarm `root-usage` stays in ALARM for {minutes} minutes or more after a root event "
        "and tells no one of further ones meanwhile"
    )

    assert judge({**alarm, "datapoints_to_alarm": 1}) == Rings(2, (note,))


@pytest.mark.parametrize(
    ("alarm", "worst"),
    [
        # AWS's tables: `- - X - -` is ALARM for 3 of 3, `- - - X -` for 2 of 3.
        pytest.param({"evaluation_periods": 3}, 12, id="three-of-three"),
        pytest.param({"evaluation_periods": 3, "datapoints_to_alarm": 2}, 7, id="two-of-three"),
        pytest.param({"evaluation_periods": 2, "period": 60}, 3, id="two-of-two-minutes"),
        pytest.param(
            {"evaluation_periods": 3, "period": 60, "wall_clock_timezone": "UTC"},
            4,
            id="three-wall-clock-minutes",
        ),
    ],
)
def test_several_missing_datapoints_to_alarm_ring_once_the_only_one_is_as_old(
    alarm: dict[str, Any], worst: int
) -> None:
    sparse = {"datapoints_to_alarm": None, "treat_missing_data": "missing", **alarm}

    assert judge(sparse) == Rings(worst, ())


def test_alarm_that_ages_for_hours_stays_in_alarm_for_the_rest_of_its_periods() -> None:
    several = {"period": 3600, "evaluation_periods": 12, "datapoints_to_alarm": 3}

    note = (
        "alarm `root-usage` stays in ALARM for 600 minutes or more after a root event and tells no one of "
        "further ones meanwhile"
    )

    assert judge({**several, "treat_missing_data": "missing"}) == Rings(122, (note,))


@pytest.mark.parametrize(
    ("feed", "companions"),
    [
        pytest.param(ZEROS, (), id="default-value"),
        pytest.param({}, (companion(),), id="matches-of-another-filter"),
        pytest.param({}, (companion(metric_value="0"),), id="zeros-of-another-filter"),
    ],
)
def test_several_datapoints_to_alarm_are_not_counted_on_beside_others(
    feed: dict[str, Any], companions: tuple[MetricFilter, ...]
) -> None:
    several = {"evaluation_periods": 3, "datapoints_to_alarm": 2, "treat_missing_data": "missing"}

    answer = judge(several, feed, companions)

    assert isinstance(answer, Finding)
    assert answer.code is Code.ALARM_NEEDS_MORE_PERIODS


@pytest.mark.parametrize(
    ("period", "worst"),
    [
        pytest.param(60, 2, id="a-minute"),
        pytest.param(300, 6, id="five-minutes"),
        pytest.param(3600, 61, id="an-hour"),
    ],
)
def test_wall_clock_window_shows_an_event_when_its_period_is_over(period: int, worst: int) -> None:
    rings = judge({"period": period, "wall_clock_timezone": "Europe/Berlin"})

    assert isinstance(rings, Rings)
    assert rings.worst_minutes == worst


# -- alarms that don't -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alarm", "feed", "code"),
    [
        pytest.param({"threshold": 5.0}, {}, Code.ALARM_THRESHOLD_TOO_HIGH, id="threshold-5"),
        pytest.param({"threshold": 1.5}, ZEROS, Code.ALARM_THRESHOLD_TOO_HIGH, id="threshold-one-and-a-half"),
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold"},
            {},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            id="greater-than-1",
        ),
        pytest.param({}, {"metric_value": "0.5"}, Code.ALARM_THRESHOLD_TOO_HIGH, id="metric-value-one-half"),
        pytest.param({}, {"metric_value": "-1"}, Code.ALARM_THRESHOLD_TOO_HIGH, id="metric-value-negative"),
        pytest.param(
            {"statistic": "SampleCount", "threshold": 2.0},
            {},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            id="sample-count-of-two",
        ),
        pytest.param(
            {"statistic": "PR(2:)"}, {}, Code.ALARM_THRESHOLD_TOO_HIGH, id="percentile-rank-beside-the-value"
        ),
        pytest.param({}, {"metric_value": "0"}, Code.METRIC_VALUE_ZERO, id="metric-value-0"),
        pytest.param(
            {}, {"metric_value": "$.latency"}, Code.METRIC_VALUE_UNDECIDED, id="metric-value-from-a-field"
        ),
        pytest.param({}, {"metric_value": "one"}, Code.METRIC_VALUE_UNDECIDED, id="metric-value-in-words"),
        pytest.param(
            {}, {"metric_value": "nan"}, Code.METRIC_VALUE_UNDECIDED, id="metric-value-not-a-number"
        ),
        pytest.param({"statistic": "Average"}, ZEROS, Code.ALARM_DILUTED, id="average-with-default-value-0"),
        pytest.param({"statistic": "Minimum"}, ZEROS, Code.ALARM_DILUTED, id="minimum-with-default-value-0"),
        pytest.param({"statistic": "p99"}, ZEROS, Code.ALARM_DILUTED, id="p99-with-default-value-0"),
        pytest.param({"statistic": "wm90"}, ZEROS, Code.ALARM_DILUTED, id="wm90-with-default-value-0"),
        pytest.param({}, {"default_value": -1.0}, Code.ALARM_DILUTED, id="sum-with-negative-default-values"),
        pytest.param(
            {"comparison_operator": "LessThanThreshold"}, {}, Code.ALARM_COMPARISON, id="less-than-1"
        ),
        pytest.param(
            {"comparison_operator": "LessThanOrEqualToThreshold"},
            {},
            Code.ALARM_COMPARISON,
            id="at-most-1-which-two-events-exceed",
        ),
        pytest.param(
            {"comparison_operator": "LessThanThreshold"},
            ZEROS,
            Code.ALARM_ALWAYS_IN_ALARM,
            id="less-than-1-with-default-value-0",
        ),
        pytest.param({}, {"default_value": 1.0}, Code.ALARM_ALWAYS_IN_ALARM, id="default-value-1"),
        pytest.param(
            {}, {"default_value": 0.01}, Code.ALARM_ALWAYS_IN_ALARM, id="small-default-values-add-up"
        ),
        pytest.param(
            {"threshold": 0.0}, ZEROS, Code.ALARM_ALWAYS_IN_ALARM, id="at-least-0-with-default-value-0"
        ),
        pytest.param(
            {"statistic": "SampleCount"},
            ZEROS,
            Code.ALARM_ALWAYS_IN_ALARM,
            id="sample-count-of-default-values",
        ),
        pytest.param(
            {"statistic": "TC(:100%)"},
            ZEROS,
            Code.ALARM_ALWAYS_IN_ALARM,
            id="trimmed-count-that-trims-nothing",
        ),
        pytest.param({"treat_missing_data": "breaching"}, {}, Code.ALARM_ALWAYS_IN_ALARM, id="breaching"),
        pytest.param(
            {"treat_missing_data": "breaching"},
            ZEROS,
            Code.ALARM_ALWAYS_IN_ALARM,
            id="breaching-with-default-value-0-when-idle",
        ),
        pytest.param(
            {"treat_missing_data": "breaching", "evaluation_periods": 3, "datapoints_to_alarm": 2},
            {},
            Code.ALARM_ALWAYS_IN_ALARM,
            id="breaching-two-of-three",
        ),
        pytest.param({"treat_missing_data": "ignore"}, {}, Code.ALARM_LATCHES, id="ignore"),
        pytest.param(
            {"treat_missing_data": "ignore"},
            ZEROS,
            Code.ALARM_LATCHES,
            id="ignore-with-default-value-0-when-idle",
        ),
        pytest.param(
            {"treat_missing_data": "ignore", "evaluation_periods": 3},
            {},
            Code.ALARM_LATCHES,
            id="ignore-one-of-three",
        ),
        pytest.param({"period": 86400}, {}, Code.ALARM_LATCHES, id="period-of-a-day"),
        pytest.param({"period": 172800}, {}, Code.ALARM_LATCHES, id="period-of-two-days"),
        pytest.param(
            {"period": 3600, "evaluation_periods": 24}, ZEROS, Code.ALARM_LATCHES, id="one-of-24-hours"
        ),
        pytest.param({"period": 14400}, {}, Code.ALARM_LATCHES, id="four-hours-may-stay-in-range-for-a-day"),
        pytest.param(
            {"period": 86400, "wall_clock_timezone": "UTC"}, {}, Code.ALARM_LATCHES, id="wall-clock-day"
        ),
        pytest.param(
            {"evaluation_periods": 2, "datapoints_to_alarm": 2},
            {},
            Code.ALARM_NEEDS_MORE_PERIODS,
            id="two-of-two-not-breaching",
        ),
        pytest.param(
            {"evaluation_periods": 3, "datapoints_to_alarm": None},
            ZEROS,
            Code.ALARM_NEEDS_MORE_PERIODS,
            id="three-of-three-by-default",
        ),
        pytest.param(
            {"evaluation_periods": 3, "datapoints_to_alarm": 2, "treat_missing_data": "missing"},
            ZEROS,
            Code.ALARM_NEEDS_MORE_PERIODS,
            id="two-of-three-missing-among-default-values",
        ),
        pytest.param(
            {"evaluation_periods": 3, "datapoints_to_alarm": 2, "treat_missing_data": "ignore"},
            {},
            Code.ALARM_NEEDS_MORE_PERIODS,
            id="two-of-three-ignore",
        ),
        pytest.param({"statistic": "tm99"}, {}, Code.ALARM_STATISTIC, id="trimmed-mean-of-one-value"),
        pytest.param({"statistic": "TM(10%:90%)"}, {}, Code.ALARM_STATISTIC, id="trimmed-mean-between"),
        pytest.param({"statistic": "tc99"}, {}, Code.ALARM_STATISTIC, id="trimmed-count"),
        pytest.param({"statistic": "TS(:950)"}, {}, Code.ALARM_STATISTIC, id="trimmed-sum-up-to-a-value"),
        pytest.param({"statistic": "IQM"}, {}, Code.ALARM_STATISTIC, id="interquartile-mean"),
        pytest.param({"statistic": "PR(1:5)"}, {}, Code.ALARM_STATISTIC, id="percentile-rank-on-its-bound"),
        pytest.param({"statistic": "Median"}, {}, Code.ALARM_STATISTIC, id="statistic-that-does-not-exist"),
        pytest.param(
            {"statistic": "p50"},
            {"metric_value": "-1"},
            Code.ALARM_STATISTIC,
            id="percentile-of-negative-values",
        ),
        pytest.param(
            {"statistic": "p50", "evaluate_low_sample_count_percentile": "ignore"},
            {},
            Code.ALARM_STATISTIC,
            id="percentile-of-few-samples-ignored",
        ),
        pytest.param({"period": 10}, {}, Code.ALARM_PERIOD, id="period-of-10-seconds"),
        pytest.param({"period": 30}, ZEROS, Code.ALARM_PERIOD, id="period-of-30-seconds"),
        pytest.param({"unit": "Count"}, {}, Code.ALARM_UNIT, id="unit-that-the-filter-does-not-publish"),
        pytest.param(
            {"unit": "None"}, {"unit": "Count"}, Code.ALARM_UNIT, id="no-unit-where-the-filter-has-one"
        ),
        pytest.param(
            {"metric": watching(Type="Root")}, {}, Code.ALARM_DIMENSIONS, id="dimension-of-no-filter"
        ),
        pytest.param(
            {},
            {"dimensions": (("Type", "$.userIdentity.type"),)},
            Code.ALARM_DIMENSIONS,
            id="without-dimension",
        ),
        pytest.param(
            {},
            {"emit_system_field_dimensions": ("@aws.account",)},
            Code.ALARM_DIMENSIONS,
            id="without-system-field",
        ),
        pytest.param(
            {"metric": watching(Type="IAMUser")},
            {"dimensions": (("Type", "$.userIdentity.type"),)},
            Code.ALARM_DIMENSIONS,
            id="another-value-of-the-dimension",
        ),
        pytest.param(
            {"metric": watching(Region="eu-west-1")},
            {"dimensions": (("Region", "$.awsRegion"),)},
            Code.FILTER_DIMENSIONS,
            id="dimension-that-differs-among-root-events",
        ),
        pytest.param(
            {"metric": watching(Account=ACCOUNT)},
            {"dimensions": (("Account", "$.recipientAccountId"),)},
            Code.FILTER_DIMENSIONS,
            id="account-as-dimension-when-nobody-said-whose-root",
        ),
        pytest.param({"metric": Metric("Other", NAME)}, {}, Code.ALARM_OTHER_METRIC, id="another-namespace"),
        pytest.param({"metric": Metric(NAMESPACE, "Other")}, {}, Code.ALARM_OTHER_METRIC, id="another-name"),
        pytest.param({"promql": "up"}, {}, Code.ALARM_NOT_PROVEN, id="promql"),
        pytest.param(
            {"threshold": None, "threshold_metric_id": "ad1"},
            {},
            Code.ALARM_NOT_PROVEN,
            id="anomaly-detection",
        ),
        pytest.param(
            {"comparison_operator": "GreaterThanUpperThreshold"},
            {},
            Code.ALARM_NOT_PROVEN,
            id="band-operator",
        ),
        pytest.param({"threshold": None}, {}, Code.ALARM_NOT_PROVEN, id="no-threshold"),
        pytest.param({"treat_missing_data": "zero"}, {}, Code.ALARM_NOT_PROVEN, id="treatment-unknown"),
        pytest.param({"evaluation_periods": None}, {}, Code.ALARM_NOT_PROVEN, id="no-evaluation-periods"),
        pytest.param({"datapoints_to_alarm": 2}, {}, Code.ALARM_NOT_PROVEN, id="two-of-one"),
        pytest.param({"statistic": None}, {}, Code.ALARM_NOT_PROVEN, id="no-statistic"),
        pytest.param({"period": None}, {}, Code.ALARM_NOT_PROVEN, id="no-period"),
        pytest.param(
            {"evaluation_state": "EVALUATION_ERROR"}, {}, Code.ALARM_EVALUATION_ERROR, id="evaluation-error"
        ),
        pytest.param(
            {"evaluation_state": "PARTIAL_DATA"}, {}, Code.ALARM_EVALUATION_ERROR, id="partial-data"
        ),
    ],
)
def test_alarm_does_not_ring(alarm: dict[str, Any], feed: dict[str, Any], code: Code) -> None:
    finding = judge(alarm, feed)

    assert isinstance(finding, Finding)
    assert finding.code is code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(ACCOUNT, None, id="the-accounts-own-id"),
        pytest.param("444455556666", Code.ALARM_DIMENSIONS, id="another-account"),
    ],
)
def test_account_id_as_a_dimension_is_decided_for_a_named_account(value: str, expected: Code | None) -> None:
    answer = judge(
        {"metric": watching(Account=value)},
        {"dimensions": (("Account", "$.recipientAccountId"),)},
        account_id=ACCOUNT,
    )

    assert (answer.code if isinstance(answer, Finding) else None) is expected


@pytest.mark.parametrize(
    ("selector", "value", "is_noted"),
    [
        pytest.param("$.userIdentity.type", "Root", False, id="type"),
        pytest.param("$.userIdentity.accountId", ACCOUNT, True, id="account"),
        pytest.param("$.recipientAccountId", ACCOUNT, True, id="recipient"),
    ],
)
def test_dimension_that_rests_on_what_is_only_observed_is_noted(
    selector: str, value: str, is_noted: bool
) -> None:
    rings = judge({"metric": watching(X=value)}, {"dimensions": (("X", selector),)}, account_id=ACCOUNT)

    note = (
        f"alarm `root-usage` reads a dimension of field `{selector}`, which every recorded root event has "
        "and CloudTrail's page doesn't promise"
    )
    assert isinstance(rings, Rings)
    assert rings.notes == ((note,) if is_noted else ())


# -- other filters on the metric ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alarm", "second", "code"),
    [
        pytest.param({}, companion(), None, id="second-filter-that-counts-ones-too"),
        pytest.param({}, companion(default_value=0.0), None, id="default-value-0-of-another-filter"),
        pytest.param({}, companion(metric_name="Other", metric_value="$.x"), None, id="other-metric"),
        pytest.param(
            {},
            companion(default_value=1.0),
            Code.ALARM_ALWAYS_IN_ALARM,
            id="default-value-1-of-another-filter",
        ),
        pytest.param(
            {"statistic": "Average"},
            companion(default_value=0.0),
            Code.ALARM_DILUTED,
            id="average-diluted-by-another-filters-default-value",
        ),
        pytest.param(
            {"statistic": "Minimum"},
            companion(metric_value="0"),
            Code.ALARM_DILUTED,
            id="second-filter-adds-a-0",
        ),
        pytest.param({}, companion(metric_value="$.x"), Code.METRIC_SHARED, id="second-filter-adds-anything"),
        pytest.param({}, companion(unit="Count"), Code.ALARM_UNIT, id="two-units-and-the-alarm-names-none"),
        pytest.param(
            {"unit": "None"},
            companion(unit="Count", default_value=1.0),
            None,
            id="other-unit-is-another-stream",
        ),
        pytest.param(
            {},
            companion(dimensions=(("Type", "$.userIdentity.type"),), metric_value="$.x"),
            None,
            id="second-filter-with-a-dimension-feeds-another-metric",
        ),
    ],
)
def test_other_filters_on_the_same_metric_count(
    alarm: dict[str, Any], second: MetricFilter, code: Code | None
) -> None:
    answer = judge(alarm, companions=(second,))

    assert (answer.code if isinstance(answer, Finding) else None) is code


@pytest.mark.parametrize(
    ("alarm", "second", "code"),
    [
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold"}, companion(), None, id="above-1-and-each-adds-1"
        ),
        pytest.param({"threshold": 3.0}, companion(metric_value="2"), None, id="three-is-1-and-2"),
        pytest.param(
            {"threshold": 3.0}, companion(), Code.ALARM_THRESHOLD_TOO_HIGH, id="three-is-more-than-1-and-1"
        ),
        pytest.param(
            {"statistic": "SampleCount", "threshold": 2.0}, companion(), None, id="two-samples-per-event"
        ),
        pytest.param(
            {"statistic": "Maximum", "threshold": 2.0},
            companion(metric_value="2"),
            None,
            id="the-greater-of-two",
        ),
        pytest.param(
            {"statistic": "Minimum", "threshold": 2.0},
            companion(metric_value="2"),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            id="the-lesser-of-two",
        ),
        pytest.param({}, companion(metric_value="-1"), Code.ALARM_THRESHOLD_TOO_HIGH, id="1-less-1-is-0"),
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold"},
            companion(dimensions=(("Type", "$.userIdentity.type"),)),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            id="another-metric-by-its-dimension",
        ),
    ],
)
def test_filters_that_surely_match_each_root_event_add_up(
    alarm: dict[str, Any], second: MetricFilter, code: Code | None
) -> None:
    answer = judge(alarm, certain=(second,))

    assert (answer.code if isinstance(answer, Finding) else None) is code


def test_filter_that_may_match_a_root_event_adds_nothing_for_sure() -> None:
    answer = judge({"comparison_operator": "GreaterThanThreshold"}, companions=(companion(),))

    assert isinstance(answer, Finding)
    assert answer.code is Code.ALARM_THRESHOLD_TOO_HIGH


def test_filters_heard_by_an_alarm_are_those_of_all_its_metrics() -> None:
    other = companion(metric_name="Other")
    unheard = companion(metric_name="Third")
    query = MetricQuery("m1", Metric(NAMESPACE, "Other"), 300, "Sum", None, None, False, None)

    heard = filters_heard_by(replace(ALARM, queries=(query,)), (FILTER, other, unheard))

    assert heard == (FILTER, other)


# -- whole sentences, one for each kind of fault -----------------------------------------------------


@pytest.mark.parametrize(
    ("alarm", "feed", "code", "fault", "remedy"),
    [
        pytest.param(
            {"threshold": 5.0},
            {},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "rings at Sum >= 5, but one root event gives 1, so no one is told",
            "lower the threshold to 1",
            id="threshold",
        ),
        pytest.param(
            {"comparison_operator": "GreaterThanThreshold"},
            {},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "rings at Sum > 1, but one root event gives 1, so no one is told",
            "ring at >= 1",
            id="greater-than",
        ),
        pytest.param(
            {},
            {"metric_value": "-1"},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "rings at Sum >= 1, but one root event gives -1, so no one is told",
            "use Sum >= 1 with metric value 1",
            id="negative-value",
        ),
        pytest.param(
            {},
            {"metric_value": "0"},
            Code.METRIC_VALUE_ZERO,
            "metric filter `root-usage-filter` publishes 0 for a root event, so no one is told",
            "set its metric value to 1",
            id="value-0",
        ),
        pytest.param(
            {},
            {"metric_value": "$.latency"},
            Code.METRIC_VALUE_UNDECIDED,
            "metric filter `root-usage-filter` publishes `$.latency`, which isn't a number in every root "
            "event, so it may not ring",
            "set the metric value to 1",
            id="value-from-a-field",
        ),
        pytest.param(
            {},
            {"metric_value": "one"},
            Code.METRIC_VALUE_UNDECIDED,
            "metric filter `root-usage-filter` publishes `one`, which isn't a number, so no one is told",
            "set the metric value to 1",
            id="value-not-a-number",
        ),
        pytest.param(
            {"statistic": "Average"},
            ZEROS,
            Code.ALARM_DILUTED,
            "other values of its metric, default values among them, dilute Average, so one root event may "
            "not reach >= 1",
            "use statistic Sum",
            id="diluted",
        ),
        pytest.param(
            {"comparison_operator": "LessThanThreshold"},
            {},
            Code.ALARM_COMPARISON,
            "rings at Sum < 1, but root events raise the metric, so no one is told",
            "let it ring at >= 1",
            id="comparison",
        ),
        pytest.param(
            {"comparison_operator": "LessThanThreshold", "threshold": 100.0},
            {},
            Code.ALARM_COMPARISON,
            "rings at Sum < 100, which one root event reaches but several in one period may not, so it may "
            "tell no one",
            "let it ring at >= 1",
            id="comparison-that-one-event-reaches",
        ),
        pytest.param(
            {"comparison_operator": "LessThanThreshold", "threshold": -5.0},
            {"metric_value": "-1"},
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "rings at Sum < -5, but one root event gives -1, so no one is told",
            "use Sum >= 1 with metric value 1",
            id="threshold-below-a-negative-value",
        ),
        pytest.param(
            {},
            {"default_value": 0.01},
            Code.ALARM_ALWAYS_IN_ALARM,
            "Sum of quiet data may reach >= 1, so it may be in ALARM and tell no one of a root event",
            "set default value 0 and ring at Sum >= 1",
            id="quiet-data-may-breach",
        ),
        pytest.param(
            {"statistic": "SampleCount"},
            ZEROS,
            Code.ALARM_ALWAYS_IN_ALARM,
            "SampleCount of quiet data may reach >= 1, so it may be in ALARM and tell no one of a root event",
            "set default value 0 and ring at Sum >= 1",
            id="quiet-data-breaches",
        ),
        pytest.param(
            {"treat_missing_data": "breaching"},
            {},
            Code.ALARM_ALWAYS_IN_ALARM,
            "treats missing data as breaching, so it is in ALARM while nothing happens and tells no one of "
            "a root event",
            "treat missing data as notBreaching",
            id="breaching",
        ),
        pytest.param(
            {"treat_missing_data": "ignore"},
            {},
            Code.ALARM_LATCHES,
            "treats missing data as ignore, so it stays in ALARM after the first root event and later ones "
            "are silent",
            "treat missing data as notBreaching",
            id="ignore",
        ),
        pytest.param(
            {"period": 14400},
            {},
            Code.ALARM_LATCHES,
            "one root event may keep it in ALARM for 24 hours, so another a day later is silent",
            "set period 300 and 1 evaluation period",
            id="stays-a-day",
        ),
        pytest.param(
            {"evaluation_periods": 3, "datapoints_to_alarm": 2},
            {},
            Code.ALARM_NEEDS_MORE_PERIODS,
            "needs 2 breaching datapoints of 3, but one root event gives 1, so it may tell no one",
            "set datapoints to alarm to 1",
            id="needs-more",
        ),
        pytest.param(
            {"statistic": "tm99"},
            {},
            Code.ALARM_STATISTIC,
            "AWS doesn't document what tm99 makes of a single value, so it may not ring",
            "use statistic Sum",
            id="statistic",
        ),
        pytest.param(
            {"statistic": "PR(1:5)"},
            {},
            Code.ALARM_STATISTIC,
            "AWS doesn't document whether the bounds of PR(1:5) belong to it, so it may not ring",
            "use statistic Sum",
            id="percentile-rank",
        ),
        pytest.param(
            {"statistic": "p90", "evaluate_low_sample_count_percentile": "ignore"},
            {},
            Code.ALARM_STATISTIC,
            "ignores p90 while there are few samples, and one root event is few, so no one is told",
            "evaluate low sample counts, or use Sum",
            id="low-samples",
        ),
        pytest.param(
            {"period": 10},
            {},
            Code.ALARM_PERIOD,
            "its period of 10 s is finer than the minutes of its metric, so it may not see a root event",
            "set the period to 60 or 300",
            id="short-period",
        ),
        pytest.param(
            {"unit": "Count"},
            {},
            Code.ALARM_UNIT,
            "watches unit Count, but metric filter `root-usage-filter` publishes unit None, so it sees no "
            "root event",
            "remove the alarm's unit",
            id="unit",
        ),
        pytest.param(
            {"metric": watching(Type="Root")},
            {},
            Code.ALARM_DIMENSIONS,
            "watches dimension `Type`, which metric filter `root-usage-filter` doesn't publish, so it sees "
            "no root event",
            "remove the dimension from the alarm",
            id="dimension-not-published",
        ),
        pytest.param(
            {},
            {"dimensions": (("Type", "$.userIdentity.type"),)},
            Code.ALARM_DIMENSIONS,
            "doesn't name dimension `Type` of metric filter `root-usage-filter`, so it sees no root event",
            "remove the dimension from the metric filter",
            id="dimension-not-watched",
        ),
        pytest.param(
            {"metric": watching(Type="IAMUser")},
            {"dimensions": (("Type", "$.userIdentity.type"),)},
            Code.ALARM_DIMENSIONS,
            "watches `Type` = `IAMUser`, but root events carry `Root`, so it sees none",
            "remove the dimension from filter and alarm",
            id="dimension-value",
        ),
        pytest.param(
            {"metric": watching(Region="eu-west-1")},
            {"dimensions": (("Region", "$.awsRegion"),)},
            Code.FILTER_DIMENSIONS,
            "watches one value of dimension `Region` of metric filter `root-usage-filter`, but root events "
            "may carry others, so it misses them",
            "remove the dimension from both",
            id="dimension-varies",
        ),
        pytest.param(
            {"metric": Metric("Other", NAME)},
            {},
            Code.ALARM_OTHER_METRIC,
            "watches another metric than metric filter `root-usage-filter` feeds, so it sees no root event",
            "let it watch `CloudTrailMetrics/RootAccountUsageCount`",
            id="other-metric",
        ),
        pytest.param(
            {"evaluation_state": "EVALUATION_ERROR"},
            {},
            Code.ALARM_EVALUATION_ERROR,
            "CloudWatch reports EVALUATION_ERROR on evaluating it, so it may not ring",
            "correct what the alarm's state reason names",
            id="evaluation-error",
        ),
    ],
)
def test_finding_says_what_is_wrong_what_follows_and_what_to_do(
    alarm: dict[str, Any], feed: dict[str, Any], code: Code, fault: str, remedy: str
) -> None:
    assert judge(alarm, feed) == Finding(code, "root-usage", f"alarm `root-usage`: {fault}", remedy)


@pytest.mark.parametrize(
    ("second", "code", "fault"),
    [
        pytest.param(
            companion(metric_value="$.x"),
            Code.METRIC_SHARED,
            "metric filter `second` publishes `$.x` to its metric too, so what one root event changes can't "
            "be proven",
            id="unforeseeable-values",
        ),
        pytest.param(
            companion(unit="Count"),
            Code.ALARM_UNIT,
            "its metric has the units Count and None, which AWS doesn't define, so it may not ring",
            id="two-units",
        ),
    ],
)
def test_finding_on_a_shared_metric(second: MetricFilter, code: Code, fault: str) -> None:
    assert judge(companions=(second,)) == Finding(
        code, "root-usage", f"alarm `root-usage`: {fault}", "give root usage a metric of its own"
    )


@pytest.mark.parametrize(
    ("alarm", "what"),
    [
        pytest.param({"promql": "up"}, "a PromQL query", id="promql"),
        pytest.param(
            {"evaluation_periods": 10**9, "datapoints_to_alarm": 1},
            "1 datapoints out of 1000000000",
            id="more-periods-than-cloudwatch-takes",
        ),
        pytest.param({"threshold_metric_id": "ad1"}, "an anomaly detection band", id="anomaly-detection"),
        pytest.param(
            {"comparison_operator": "LessThanLowerThreshold"}, "comparison LessThanLowerThreshold", id="band"
        ),
        pytest.param({"treat_missing_data": "zero"}, "missing data as zero", id="treatment"),
        pytest.param({"datapoints_to_alarm": 4}, "4 datapoints out of 1", id="more-than-there-are"),
        pytest.param({"period": None}, "an alarm without statistic or period", id="no-period"),
    ],
)
def test_alarm_of_a_kind_that_is_not_decided_is_named(alarm: dict[str, Any], what: str) -> None:
    assert judge(alarm) == Finding(
        Code.ALARM_NOT_PROVEN,
        "root-usage",
        f"can't prove that alarm `root-usage` rings: this rule doesn't decide {what}",
        "use a plain alarm on the metric (Sum >= 1)",
    )


# -- how the alarm stands now ------------------------------------------------------------------------


def in_alarm(since: datetime | None) -> dict[str, Any]:
    return {"state": AlarmState("ALARM", "", since, since)}


@pytest.mark.parametrize(
    "since",
    [
        pytest.param(NOW - timedelta(minutes=5), id="five-minutes"),
        # 6 periods of 5 minutes, and an hour of grace
        pytest.param(NOW - timedelta(minutes=90), id="as-long-as-one-event-may-explain"),
    ],
)
def test_alarm_that_a_recent_root_event_explains_is_fine(since: datetime) -> None:
    assert judge(in_alarm(since)) == Rings(2, ())


@pytest.mark.parametrize(
    ("since", "when"),
    [
        pytest.param(
            NOW - timedelta(minutes=91), "2026-11-20 10:29 UTC", id="longer-than-one-event-explains"
        ),
        pytest.param(NOW - timedelta(days=30), "2026-10-21 12:00 UTC", id="for-a-month"),
        pytest.param(None, "a moment unknown", id="nobody-knows-since-when"),
    ],
)
def test_alarm_that_lives_in_alarm_is_a_finding(since: datetime | None, when: str) -> None:
    assert judge(in_alarm(since)) == Finding(
        Code.ALARM_ALWAYS_IN_ALARM,
        "root-usage",
        f"alarm `root-usage`: in ALARM since {when}, longer than one root event explains, so a further one "
        "tells no one",
        "find what keeps it in ALARM",
    )


def test_insufficient_data_is_normal_for_a_quiet_alarm() -> None:
    state = AlarmState("INSUFFICIENT_DATA", "", NOW - timedelta(days=300), NOW - timedelta(days=300))

    assert judge({"state": state}) == Rings(2, ())


@pytest.mark.parametrize(
    ("updated", "state"),
    [
        pytest.param(
            NOW - timedelta(minutes=10), "may warm up until 2026-11-20 12:50 UTC", id="ten-minutes-ago"
        ),
        pytest.param(None, "may still warm up", id="nobody-knows-since-when"),
    ],
)
def test_alarm_that_warms_up_is_a_finding(updated: datetime | None, state: str) -> None:
    assert judge({"warm_up_minutes": 60, "configuration_updated": updated}) == Finding(
        Code.ALARM_WARMING_UP,
        "root-usage",
        f"alarm `root-usage`: {state} and performs no actions meanwhile, so no one is told",
        "remove its warm-up period, or wait",
    )


def test_alarm_that_has_warmed_up_is_fine() -> None:
    assert judge({"warm_up_minutes": 60, "configuration_updated": NOW - timedelta(hours=1)}) == Rings(2, ())


# -- how fast ----------------------------------------------------------------------------------------


def test_alarm_slower_than_allowed_is_a_finding() -> None:
    assert judge_detection_time("root-usage", 61, 15) == Finding(
        Code.ALARM_TOO_SLOW,
        "root-usage",
        "alarm `root-usage` may ring 61 minutes after a root event, later than MaxDetectionMinutes 15 allows",
        "use a sliding window, or raise MaxDetectionMinutes",
    )


@pytest.mark.parametrize(
    "max_minutes", [pytest.param(None, id="no-limit"), pytest.param(61, id="just-in-time")]
)
def test_alarm_fast_enough_is_fine(max_minutes: int | None) -> None:
    assert judge_detection_time("root-usage", 61, max_minutes) is None
