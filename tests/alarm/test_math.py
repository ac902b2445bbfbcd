from __future__ import annotations

from dataclasses import replace

import pytest
from root_usage.alarm import Rings, Sources, judge_metric_alarm
from root_usage.alarm.math import evaluate
from root_usage.alarm.math_syntax import MathSyntaxError, MathUnproven, parse_expression
from root_usage.alarm.spread import MISSING, Possible, Spread
from root_usage.aws.cloudwatch import Metric, MetricAlarm, MetricQuery
from root_usage.verdict.findings import Code, Finding

from tests.alarm.working_alarm import ALARM, FILTER, NOW

ROOT_METRIC = Metric("CloudTrailMetrics", "RootAccountUsageCount")
SIGN_IN = replace(FILTER, name="root-sign-in", metric_name="RootSignIn")


def metric_query(query_id: str, metric: Metric | None = ROOT_METRIC, **changes: object) -> MetricQuery:
    query = MetricQuery(query_id, metric, 300, "Sum", None, None, False, None)
    return replace(query, **changes)  # type: ignore[arg-type]


def expression_query(expression: str, query_id: str = "e1", *, returns_data: bool = True) -> MetricQuery:
    return MetricQuery(query_id, None, None, None, None, expression, returns_data, None)


M1 = metric_query("m1")
M2 = metric_query("m2", Metric("CloudTrailMetrics", "RootSignIn"))


def math_alarm(*queries: MetricQuery, **changes: object) -> MetricAlarm:
    alarm = replace(ALARM, metric=None, statistic=None, period=None, queries=queries)
    return replace(alarm, **changes)  # type: ignore[arg-type]


def judge(alarm: MetricAlarm) -> Rings | Finding:
    return judge_metric_alarm(alarm, Sources(FILTER, (SIGN_IN,)), NOW)


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param(math_alarm(replace(M1, returns_data=True)), id="metric-without-expression"),
        pytest.param(math_alarm(M1, expression_query("m1")), id="identity"),
        pytest.param(math_alarm(M1, expression_query("FILL(m1, 0)")), id="fill"),
        pytest.param(math_alarm(M1, expression_query("SUM(METRICS())")), id="sum-of-all-metrics"),
        pytest.param(math_alarm(M1, expression_query("MAX([m1])")), id="maximum-of-one"),
        pytest.param(math_alarm(M1, M2, expression_query("FILL(m1,0)+FILL(m2,0)")), id="filled-sum"),
        pytest.param(math_alarm(M1, M2, expression_query("SUM(FILL(METRICS(), 0))")), id="all-filled"),
        pytest.param(math_alarm(M1, M2, expression_query("MAX([FILL(m1,0), FILL(m2,0)])")), id="filled-max"),
        pytest.param(math_alarm(M1, expression_query("2 * m1 - 1")), id="arithmetic"),
        pytest.param(math_alarm(M1, expression_query("-(-m1) / 0.5")), id="minus-and-division"),
        pytest.param(math_alarm(M1, expression_query("IF(FILL(m1, 0) > 0, 1, 0)")), id="if"),
        pytest.param(
            math_alarm(M1, expression_query("IF(m1 > 0, m1, 0)")), id="if-on-a-missing-metric-rings-anyway"
        ),
        pytest.param(math_alarm(M1, expression_query("FILL(m1, 0) >= 1")), id="comparison"),
        pytest.param(math_alarm(M1, M2, expression_query("m1 OR FILL(m2, 0)")), id="or"),
        pytest.param(math_alarm(M1, expression_query("m1 >= 1 AND m1 > 0")), id="and"),
        pytest.param(math_alarm(M1, expression_query("IF(FILL(m1, 0) > 0, 1)")), id="if-without-else"),
        pytest.param(math_alarm(M1, expression_query("ABS(m1)")), id="absolute-value"),
        pytest.param(math_alarm(M1, expression_query("CEIL(m1 / 10)")), id="ceiling"),
        pytest.param(
            math_alarm(M1, expression_query("m1 / PERIOD(m1)"), threshold=0.003), id="a-rate-per-second"
        ),
        # AWS takes 2,048 characters, which is deeper than Python's stack when each is an operation.
        pytest.param(math_alarm(M1, expression_query("m1" + "+0" * 1_023)), id="greatest-length"),
        pytest.param(
            math_alarm(M1, expression_query("-" * 2_046 + "m1")), id="greatest-length-of-minus-signs"
        ),
        pytest.param(
            math_alarm(
                M1,
                *(
                    expression_query(f"MAX([{','.join([f'e{n}'] * 500)}])", f"e{n + 1}", returns_data=n == 8)
                    for n in range(1, 9)
                ),
                expression_query("m1", "e1", returns_data=False),
            ),
            id="expressions-that-name-each-other-many-times",
        ),
        pytest.param(
            math_alarm(
                M1,
                expression_query("FILL(m1, 0)", "e1", returns_data=False),
                expression_query("e1 * 3", "e2"),
            ),
            id="expression-over-an-expression",
        ),
        pytest.param(
            math_alarm(M1, expression_query("FILL(m1, 0)"), treat_missing_data="ignore"),
            id="fill-leaves-nothing-to-ignore",
        ),
        pytest.param(
            math_alarm(M1, expression_query("FILL(m1, 0)"), treat_missing_data="breaching"),
            id="fill-leaves-nothing-breaching",
        ),
        pytest.param(
            math_alarm(metric_query("m1", account_id="111122223333"), expression_query("m1")),
            id="own-account-named",
        ),
    ],
)
def test_metric_math_that_rings(alarm: MetricAlarm) -> None:
    assert judge(alarm) == Rings(2, ())


@pytest.mark.parametrize(
    ("alarm", "what"),
    [
        pytest.param(
            math_alarm(M1, expression_query("ANOMALY_DETECTION_BAND(m1, 2)")),
            "an anomaly detection band",
            id="anomaly-detection-band",
        ),
        pytest.param(
            math_alarm(M1, expression_query('SELECT SUM(x) FROM "CloudTrailMetrics"')),
            "a Metrics Insights query",
            id="metrics-insights",
        ),
        pytest.param(
            math_alarm(M1, expression_query("INSIGHT_RULE_METRIC")),
            "the name `INSIGHT_RULE_METRIC` in an expression",
            id="unknown-name",
        ),
        pytest.param(
            math_alarm(M1, expression_query('INSIGHT_RULE("x", Sum)')),
            "a Contributor Insights rule",
            id="insight-rule",
        ),
        pytest.param(
            math_alarm(M1, expression_query("SEARCH('{a,b}', 'Sum', 300)")),
            "a SEARCH expression",
            id="search",
        ),
        pytest.param(math_alarm(M1, expression_query("RATE(m1)")), "the function `RATE`", id="rate"),
        pytest.param(
            math_alarm(M1, expression_query("RUNNING_SUM(m1)")),
            "the function `RUNNING_SUM`",
            id="running-sum",
        ),
        pytest.param(
            math_alarm(M1, expression_query("NOT(m1)")), "the function `NOT`", id="not-is-no-operator-of-aws"
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 / PERIOD(2 * m1)")),
            "the function `PERIOD`",
            id="period-of-an-expression",
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 AND 1 OR 1")),
            "AND beside OR without parentheses",
            id="and-beside-or",
        ),
        pytest.param(
            math_alarm(M1, expression_query("sum([m1])")), "the function `sum`", id="lower-case-function"
        ),
        pytest.param(
            math_alarm(M1, expression_query("SUM(m1)")), "SUM of a single time series", id="sum-over-time"
        ),
        pytest.param(
            math_alarm(M1, expression_query("FILL(m1, REPEAT)")), "FILL with `REPEAT`", id="fill-with-repeat"
        ),
        pytest.param(
            math_alarm(M1, expression_query("METRICS()")),
            "an expression of several time series",
            id="array-as-result",
        ),
        pytest.param(
            math_alarm(M1, expression_query("METRICS() * 2")),
            "arithmetic with several time series at once",
            id="arithmetic-with-an-array",
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 / m1")),
            "a division by something that isn't a number",
            id="division-by-a-metric",
        ),
        pytest.param(
            math_alarm(M1, expression_query("e1 + m1")),
            "the expression `e1`, which refers to itself",
            id="refers-to-itself",
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 ^ 2")), "`m1 ^ 2` (unknown sign `^`)", id="unknown-sign"
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 ` 2")), "`m1 ' 2` (unknown sign `'`)", id="unknown-backtick"
        ),
        pytest.param(
            math_alarm(M1, metric_query("m2", None), expression_query("m2")),
            "query `m2`, which has neither metric nor expression",
            id="empty-query",
        ),
        pytest.param(math_alarm(M1, expression_query("(m1")), "`(m1` (expected `)`)", id="open-parenthesis"),
        pytest.param(
            math_alarm(M1, metric_query("m2", Metric("AWS/EC2", "CPU")), expression_query("m1 + m2")),
            "metric `AWS/EC2/CPU`",
            id="metric-of-someone-else",
        ),
        pytest.param(
            math_alarm(metric_query("m1", account_id="444455556666"), expression_query("m1")),
            "metrics of account `444455556666`",
            id="another-account",
        ),
        pytest.param(
            math_alarm(M1, replace(M2, period=60), expression_query("m1")),
            "metrics of different periods",
            id="different-periods",
        ),
        pytest.param(
            math_alarm(replace(M1, returns_data=True), expression_query("m1")),
            "an alarm that returns several time series",
            id="two-results",
        ),
    ],
)
def test_metric_math_that_is_not_decided_is_named(alarm: MetricAlarm, what: str) -> None:
    assert judge(alarm) == Finding(
        Code.ALARM_NOT_PROVEN,
        "root-usage",
        f"can't prove that alarm `root-usage` rings: this rule doesn't decide {what}",
        "use a plain alarm on the metric (Sum >= 1)",
    )


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param(math_alarm(M1, expression_query("IF(m1 > 0, 1, 0)")), id="rings"),
        pytest.param(math_alarm(M1, expression_query("IF(m1 > 0, 1, 1)")), id="rings-either-way"),
        pytest.param(
            math_alarm(M1, M2, expression_query("IF(m2 + 1, FILL(m1, 0), FILL(m1, 0))")),
            id="another-metric-that-may-be-missing-when-root-acts",
        ),
        pytest.param(
            math_alarm(M1, expression_query("IF(m1 > 0, m1, 0)"), treat_missing_data="breaching"),
            id="in-alarm-if-it-makes-missing-data-of-it",
        ),
        pytest.param(
            math_alarm(M1, expression_query("IF(m1 > 0, m1, 0)"), treat_missing_data="ignore"),
            id="latches-if-it-makes-missing-data-of-it",
        ),
    ],
)
def test_if_on_a_metric_that_may_be_missing_is_said_to_be_undocumented(alarm: MetricAlarm) -> None:
    assert judge(alarm) == Finding(
        Code.ALARM_NOT_PROVEN,
        "root-usage",
        "can't prove that alarm `root-usage` rings: AWS doesn't document what IF makes of a missing "
        "condition",
        "use a plain alarm on the metric (Sum >= 1)",
    )


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("m1 + m2", id="sum-drops-the-datapoint"),
        pytest.param("SUM([m1, m2])", id="whether-SUM-drops-it-is-not-documented"),
        pytest.param("m2", id="the-other-metric-alone"),
    ],
)
def test_metric_that_may_be_missing_makes_a_gap(expression: str) -> None:
    finding = judge(math_alarm(M1, M2, expression_query(expression)))

    assert finding == Finding(
        Code.ALARM_NOT_PROVEN,
        "root-usage",
        f"alarm `root-usage`: `{expression}` may have no datapoint when root acts, as another metric in it "
        "may be missing, so it may not ring",
        "wrap each metric in FILL(..., 0)",
    )


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        pytest.param("m1 + m2", 300, id="sum"),
        pytest.param("m1 * m2", 300, id="product"),
        pytest.param("m2", 300, id="the-other-metric-alone"),
        pytest.param("SUM([m1, m2]) - 1", 300, id="sum-of-an-array"),
        pytest.param("MIN([m1, m2])", 300, id="minimum"),
        pytest.param("m1 + m2", 60, id="nothing-is-filled"),
    ],
)
def test_metrics_that_both_count_every_root_event_leave_no_gap(expression: str, period: int) -> None:
    alarm = math_alarm(replace(M1, period=period), replace(M2, period=period), expression_query(expression))

    assert judge_metric_alarm(alarm, Sources(FILTER, (SIGN_IN,), certain=(SIGN_IN,)), NOW) == Rings(2, ())


@pytest.mark.parametrize(
    ("alarm", "code", "message"),
    [
        pytest.param(
            math_alarm(M1, expression_query("m1 / 10")),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "alarm `root-usage`: rings at `m1 / 10` >= 1, but one root event gives 0.1, so no one is told",
            id="divided-below-the-threshold",
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1 / PERIOD(m1)")),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "alarm `root-usage`: rings at `m1 / PERIOD(m1)` >= 1, but one root event gives 0.00333333, so no "
            "one is told",
            id="once-per-second-is-too-much",
        ),
        pytest.param(
            math_alarm(M1, M2, expression_query("FILL(m1, 0) * FILL(m2, 0)")),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "alarm `root-usage`: rings at `FILL(m1, 0) * FILL(m2, 0)` >= 1, but one root event may give 0, "
            "so it may tell no one",
            id="product-with-what-may-be-0",
        ),
        pytest.param(
            math_alarm(M1, expression_query("FILL(m1, 1)")),
            Code.ALARM_ALWAYS_IN_ALARM,
            "alarm `root-usage`: `FILL(m1, 1)` of quiet data reaches >= 1, so it lives in ALARM and tells no "
            "one of a root event",
            id="filled-with-a-breach",
        ),
        pytest.param(
            # AWS's page: where one series has no value, it counts as 0. 0 <= 0 holds, and 1 >= 0.
            math_alarm(M1, expression_query("m1 <= FILL(m1, 0)"), threshold=0.0),
            Code.ALARM_ALWAYS_IN_ALARM,
            "alarm `root-usage`: `m1 <= FILL(m1, 0)` of quiet data may reach >= 0, so it may be in ALARM "
            "and tell no one of a root event",
            id="comparison-with-a-missing-value-as-0",
        ),
        pytest.param(
            math_alarm(M1, expression_query("IF(m1 > 0, 0.5, 0)")),
            Code.ALARM_THRESHOLD_TOO_HIGH,
            "alarm `root-usage`: rings at `IF(m1 > 0, 0.5, 0)` >= 1, but one root event gives 0.5, so no one "
            "is told",
            id="if-that-gives-too-little-whatever-it-makes-of-missing-data",
        ),
        pytest.param(
            math_alarm(M1, expression_query("m1"), treat_missing_data="ignore"),
            Code.ALARM_LATCHES,
            "alarm `root-usage`: treats missing data as ignore, so it stays in ALARM after the first root "
            "event and later ones are silent",
            id="ignore-without-fill",
        ),
        pytest.param(
            math_alarm(replace(M1, period=60), expression_query("FILL(m1, 0)")),
            Code.ALARM_FILLS_TOO_SOON,
            "alarm `root-usage`: FILL may put its number where the newest minute's data is late, so it may "
            "never see a root event",
            id="fill-in-the-newest-minute",
        ),
        pytest.param(
            math_alarm(replace(M1, unit="Count"), expression_query("m1")),
            Code.ALARM_UNIT,
            "alarm `root-usage`: watches unit Count, but metric filter `root-usage-filter` publishes unit "
            "None, so it sees no root event",
            id="unit-inside-the-query",
        ),
        pytest.param(
            math_alarm(M2, expression_query("m2")),
            Code.ALARM_OTHER_METRIC,
            "alarm `root-usage`: watches another metric than metric filter `root-usage-filter` feeds, so it "
            "sees no root event",
            id="only-another-metric",
        ),
    ],
)
def test_metric_math_that_does_not_ring(alarm: MetricAlarm, code: Code, message: str) -> None:
    finding = judge(alarm)

    assert isinstance(finding, Finding)
    assert (finding.code, finding.message) == (code, message)


NUMBERS = {
    "one": Possible.at(1.0),
    "half": Possible(Spread(0.0, 0.5), may_be_missing=False),
    "below": Possible(Spread(0.0, 1.0, high_open=True), may_be_missing=False),
    "gone": MISSING,
    "maybe": Possible(Spread.at(4.0), may_be_missing=True),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1 + 2 * 3", Possible.at(7.0), id="times-before-plus"),
        pytest.param("8 - 2 - 1", Possible.at(5.0), id="minus-from-the-left"),
        pytest.param("8 / 2 / 2", Possible.at(2.0), id="division-from-the-left"),
        pytest.param("(1 + 2) * -3", Possible.at(-9.0), id="parentheses-and-minus"),
        pytest.param("--one", Possible.at(1.0), id="two-minus-signs"),
        pytest.param(".5 * 2.", Possible.at(1.0), id="short-numbers"),
        pytest.param("half * 2", Possible(Spread(0.0, 1.0), False), id="spread-times-number"),
        pytest.param("half - half", Possible(Spread(-0.5, 0.5), False), id="a-spread-forgets-itself"),
        # A missing value counts as 0, or the datapoint is dropped.
        pytest.param("one + gone", Possible(Spread.at(1.0), True), id="missing-operand"),
        pytest.param("one + maybe", Possible(Spread(1.0, 5.0), True), id="maybe-missing-operand"),
        pytest.param("gone - maybe", Possible(Spread(-4.0, 0.0), True), id="missing-less-maybe-missing"),
        pytest.param("maybe * 2", Possible(Spread(0.0, 8.0), True), id="maybe-missing-times-number"),
        pytest.param("-gone", Possible(Spread.at(-0.0), True), id="minus-missing"),
        pytest.param("one / gone", MISSING, id="division-by-missing-is-dropped"),
        pytest.param("gone >= one", Possible(Spread.at(0.0), True), id="missing-is-not-as-great-as-1"),
        pytest.param("gone < one", Possible(Spread.at(1.0), True), id="missing-is-less-than-1"),
        pytest.param("AVG([one, gone])", Possible(Spread(0.0, 1.0), True), id="average-with-missing-as-0"),
        pytest.param("IF(one, maybe, 3)", Possible(Spread(0.0, 4.0), True), id="if-true-and-missing-is-0"),
        pytest.param("IF(0, 2, gone)", MISSING, id="if-false-and-missing-is-dropped"),
        pytest.param("FILL(gone, 3)", Possible.at(3.0), id="fill-of-missing"),
        pytest.param("FILL(maybe, -3)", Possible(Spread(-3.0, 4.0), False), id="fill-of-maybe"),
        pytest.param("SUM([one, maybe])", Possible(Spread(1.0, 5.0), True), id="sum-with-or-without"),
        pytest.param("MAX([one, half])", Possible(Spread(1.0, 1.0), False), id="maximum"),
        pytest.param("MIN([one, half])", Possible(Spread(0.0, 0.5), False), id="minimum"),
        pytest.param("AVG([one, half])", Possible(Spread(0.0, 1.0), False), id="average-lies-between"),
        pytest.param("SUM([gone, gone])", MISSING, id="sum-of-nothing"),
        pytest.param("one > half", Possible.at(1.0), id="surely-greater"),
        pytest.param("half > one", Possible.at(0.0), id="surely-not-greater"),
        pytest.param("below >= 1", Possible.at(0.0), id="close-to-1-but-never-there"),
        pytest.param("half == one", Possible.at(0.0), id="surely-unequal"),
        pytest.param("half != 0.25", Possible(Spread(0.0, 1.0), False), id="maybe-unequal"),
        pytest.param("IF(one, 2, 3)", Possible.at(2.0), id="if-true"),
        pytest.param("IF(0, 2, 3)", Possible.at(3.0), id="if-false"),
        pytest.param("IF(half, 2, 3)", Possible(Spread(2.0, 3.0), False), id="if-either"),
        pytest.param("IF(one, 2)", Possible.at(2.0), id="two-argument-if-true"),
        pytest.param("IF(0, 2)", MISSING, id="two-argument-if-false-is-dropped"),
        pytest.param("one AND 2", Possible.at(1.0), id="and"),
        pytest.param("one && 0", Possible.at(0.0), id="and-with-a-sign"),
        pytest.param("one AND half", Possible(Spread(0.0, 1.0), False), id="and-maybe"),
        pytest.param("0 AND half", Possible.at(0.0), id="0-and-anything"),
        pytest.param("half OR -2", Possible.at(1.0), id="anything-or-any-number-but-0"),
        pytest.param("0 || half || 0", Possible(Spread(0.0, 1.0), False), id="or-maybe-with-a-sign"),
        pytest.param("one > 0 AND half < 1", Possible.at(1.0), id="comparisons-bind-closer"),
        pytest.param("(one AND 0) OR one", Possible.at(1.0), id="and-within-or"),
        # AWS's table: 20 > 15 and no value > 15 come to 0.
        pytest.param("20 > 15 AND gone > 15", Possible(Spread.at(0.0), True), id="and-with-missing-as-0"),
        pytest.param("ABS(-maybe)", Possible(Spread(0.0, 4.0), True), id="absolute-value"),
        pytest.param("ABS(half - 0.25)", Possible(Spread(0.0, 0.25), False), id="absolute-value-around-0"),
        pytest.param("ABS(half + 1)", Possible(Spread(1.0, 1.5), False), id="absolute-value-above-0"),
        pytest.param("CEIL(half + 1)", Possible(Spread(1.0, 2.0), False), id="ceiling"),
        pytest.param("FLOOR(half - 0.25)", Possible(Spread(-1.0, 0.0), False), id="floor"),
        pytest.param("MAX(CEIL([half, one]))", Possible.at(1.0), id="ceilings-of-an-array"),
        pytest.param("one * PERIOD(one)", Possible.at(300.0), id="period-in-seconds"),
        pytest.param("IF(maybe, 2, 3)", Possible(Spread(2.0, 3.0), True), id="if-maybe-missing"),
        pytest.param("IF(gone, 2, 3)", Possible(Spread(2.0, 3.0), True), id="if-missing"),
        pytest.param(
            "one / half", Possible(Spread(-float("inf"), float("inf")), True), id="division-by-what-may-be-0"
        ),
    ],
)
def test_expression_comes_to(text: str, expected: Possible) -> None:
    assert evaluate(parse_expression(text), NUMBERS.__getitem__, ("one",), 300, set()) == expected


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        pytest.param("", "expected a number, an id or a function", (0, 1), id="empty"),
        pytest.param("m1 +", "expected a number, an id or a function", (4, 5), id="no-operand"),
        pytest.param("m1 m2", "the expression should end here", (3, 5), id="two-ids"),
        pytest.param("m1 ? m2", "unknown sign `?`", (3, 4), id="unknown-sign"),
        pytest.param("FILL(m1, 0", "expected `)`", (10, 11), id="open-call"),
        pytest.param("[m1", "expected `]`", (3, 4), id="open-array"),
    ],
)
def test_junk_is_a_syntax_error_with_its_place(text: str, message: str, span: tuple[int, int]) -> None:
    with pytest.raises(MathSyntaxError) as caught:
        parse_expression(text)

    assert (caught.value.message, caught.value.source, caught.value.span) == (message, text, span)


def test_expression_nested_too_deeply_is_not_decided() -> None:
    with pytest.raises(MathUnproven, match=r"^an expression nested that deeply$"):
        parse_expression("(" * 60 + "m1" + ")" * 60)


def test_expressions_that_are_each_nested_to_the_limit_are_decided() -> None:
    """The greater of 0 and what is never less than 0 is that itself."""
    nested = [
        expression_query("MAX([0," * 24 + f"e{n}" + "])" * 24, f"e{n + 1}", returns_data=n == 8)
        for n in range(1, 9)
    ]

    judged = judge(math_alarm(M1, expression_query("FILL(m1,0)", "e1", returns_data=False), *nested))

    assert judged == Rings(2, ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 10_240, id="parentheses"),
        pytest.param("m1" + "+0" * 5_000, id="sum"),
        pytest.param("m1" + "+0" * 1_023 + " ", id="one-character-more-than-AWS-takes"),
    ],
)
def test_expression_longer_than_aws_takes_is_not_decided(text: str) -> None:
    with pytest.raises(MathUnproven, match=r"^an expression of more than 2048 characters$"):
        parse_expression(text)


@pytest.mark.parametrize("sign", ["(", "[", "MAX(", "-(", "1+2*("])
def test_longest_expression_of_opening_signs_is_not_decided(sign: str) -> None:
    with pytest.raises(MathUnproven, match=r"^an expression nested that deeply$"):
        parse_expression(sign * (2_048 // len(sign)))


def test_value_from_a_field_beside_a_constant_expression_is_no_crash() -> None:
    alarm = math_alarm(M1, expression_query("0"))

    answer = judge_metric_alarm(alarm, Sources(replace(FILTER, metric_value="$.x")), NOW)

    assert isinstance(answer, Finding)
    assert answer.code is Code.ALARM_THRESHOLD_TOO_HIGH
