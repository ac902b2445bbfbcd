"""What a CloudFormation template says of metric filters and event rules, and where."""

from __future__ import annotations

import json

import pytest

from root_usage_alarm.commands.linting.cloudformation import patterns_in
from root_usage_alarm.commands.linting.found import FoundFilter, FoundRule, NotRead, Place, Written

ACCOUNT = "111122223333"


def test_filters_and_rules_are_found_with_their_places() -> None:
    template = """\
Resources:
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref Trail
      FilterPattern: |
        { $.a = "b" }
      ApplyOnTransformedLogs: true
      FieldSelectionCriteria: '@aws.region = "us-east-1"'
  Topic:
    Type: AWS::SNS::Topic
  Scheduled:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day)}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      State: DISABLED
      EventBusName: hub
      EventPattern: {source: [aws.iam], detail: {a: [1, null, true, 2026-01-02]}}
"""

    assert list(patterns_in(template, "t.yaml", ACCOUNT)) == [
        FoundFilter(
            "Filter",
            Place("t.yaml", 6, 7),
            Written('{ $.a = "b" }\n'),
            Written('@aws.region = "us-east-1"'),
            Written("true"),
        ),
        FoundRule(
            "Rule",
            Place("t.yaml", 20, 7),
            Written('{"source": ["aws.iam"], "detail": {"a": [1, null, true, "2026-01-02"]}}'),
            Written("DISABLED"),
            Written("hub"),
        ),
    ]


@pytest.mark.parametrize("indent", [None, 2, "\t"], ids=["on-one-line", "spaces", "tabs"])
def test_json_is_read_too(indent: str | int | None) -> None:
    properties = {"EventPattern": {"source": ["aws.iam"]}}
    template = {"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": properties}}}

    (found,) = patterns_in(json.dumps(template, indent=indent), "t.json", ACCOUNT)

    assert found == FoundRule("Rule", found.place, Written('{"source": ["aws.iam"]}'))
    assert found.place.line == (1 if indent is None else 6)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("!Sub '{ $.a = 1 }'", Written("{ $.a = 1 }"), id="sub-of-nothing"),
        pytest.param("!Sub 'a ${!b} c'", Written("a ${b} c"), id="sub-of-a-literal"),
        pytest.param(
            "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'",
            Written("arn:aws:iam::111122223333:root"),
            id="sub-of-the-account",
        ),
        pytest.param(
            "!Sub 'a ${B} ${C} ${B}'", Written("a ${B} ${C} ${B}", ("B", "C")), id="sub-of-parameters"
        ),
        pytest.param(
            "!Sub ['${A} ${B}', {A: x, B: !Ref C}]", Written("x ${C}", ("C",)), id="sub-with-variables"
        ),
        pytest.param("!Ref Pattern", Written("${Pattern}", ("Pattern",)), id="ref"),
        pytest.param("!Join ['', ['{ $.a', ' = 1 }']]", Written("{ $.a = 1 }"), id="join"),
        pytest.param(
            "{Fn::Join: [' ', [a, {Ref: B}, 1]]}", Written("a ${B} 1", ("B",)), id="join-of-a-parameter"
        ),
        pytest.param("!If [A, b, c]", Written('{"Fn::If": ["A", "b", "c"]}', ("Fn::If",)), id="condition"),
        pytest.param("!GetAtt A.B", Written('{"Fn::GetAtt": ["A", "B"]}', ("Fn::GetAtt",)), id="attribute"),
        pytest.param("[a]", Written('["a"]', ("what is no string",)), id="list"),
        pytest.param("5", Written("5"), id="number"),
    ],
)
def test_functions_are_resolved_as_far_as_the_template_says(value: str, written: Written) -> None:
    template = f"""\
Resources:
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      FilterPattern: {value}
"""

    (found,) = patterns_in(template, "t.yaml", ACCOUNT)

    assert found.pattern == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(
            "{account: [!Ref AWS::AccountId], detail: {a: [!Ref B, !Ref B]}}",
            Written('{"account": ["111122223333"], "detail": {"a": ["${B}", "${B}"]}}', ("B",)),
            id="functions-within",
        ),
        pytest.param('!Sub \'{"account": ["${A}"]}\'', Written('{"account": ["${A}"]}', ("A",)), id="text"),
        pytest.param("'{\"a\": [1]}'", Written('{"a": [1]}'), id="plain-text"),
    ],
)
def test_event_pattern_may_be_an_object_or_text(value: str, written: Written) -> None:
    template = f"""\
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {value}
"""

    (found,) = patterns_in(template, "t.yaml", ACCOUNT)

    assert found.pattern == written


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a: 1", "Resources: []", "Resources: {A: 1, B: {Type: AWS::Logs::MetricFilter}}"],
)
def test_other_documents_have_no_patterns(text: str) -> None:
    assert list(patterns_in(text, "t.yaml", ACCOUNT)) == []


BOMB = "".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)]
)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        pytest.param("a: b: c", "mapping values are not allowed in this context", (1, 5), id="no-yaml"),
        pytest.param("a: 1\nb: [", "did not find expected node content", (3, 1), id="half-a-list"),
        pytest.param("\na: 1\na: 2", "Duplicate found 'a' (line 2)", (2, 1), id="a-key-twice"),
        pytest.param("a: *b", "Template could not be parsed: found undefined alias", (1, 1), id="no-anchor"),
        pytest.param(
            "a: 1\n---\nb: 1", "Template could not be parsed: expected a single document", (1, 1), id="two"
        ),
        pytest.param(
            "a: \x00", "unacceptable character #x0000: control characters", (1, 1), id="control-character"
        ),
        pytest.param(
            "a: !!python/object/apply:os.system [x]",
            "Template could not be parsed: could not determine a constructor for the tag",
            (1, 1),
            id="code",
        ),
        pytest.param(BOMB, "Template resolves to more than 250000 nodes", (1, 1), id="bomb"),
        pytest.param(
            "a: &a [*a]", "Template could not be parsed: found unconstructable", (1, 1), id="circle"
        ),
        pytest.param("[" * 400_000 + "]" * 400_000, "nested too deeply", (1, 101), id="deep"),
        pytest.param("\n" + "{a: " * 200_000, "nested too deeply", (2, 401), id="deep-and-half"),
    ],
)
def test_fault_of_a_template_has_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(NotRead) as caught:
        list(patterns_in(text, "t.yaml", ACCOUNT))

    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1
    assert (caught.value.line, caught.value.column) == place
