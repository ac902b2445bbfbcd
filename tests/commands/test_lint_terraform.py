"""What a Terraform file says of metric filters and event rules, and where."""

from __future__ import annotations

import pytest

from root_usage_alarm.commands.linting.found import FoundFilter, FoundRule, NotRead, Place, Written
from root_usage_alarm.commands.linting.terraform import patterns_in

ACCOUNT = "111122223333"


def test_filters_and_rules_are_found_with_their_places() -> None:
    text = """\
variable "x" { default = "y" }
resource "aws_cloudwatch_log_metric_filter" "root" { # a comment
  name = "root"
  pattern                    = "{ $.a = \\"b\\" }"
  apply_on_transformed_logs  = true
  field_selection_criteria   = "@aws.region = x"
  metric_transformation {
    name    = "root"
    pattern = "none"
  }
}
resource "aws_cloudwatch_event_rule" "daily" {
  schedule_expression = "rate(1 day)"
}
resource aws_cloudwatch_event_rule root {
  event_bus_name = aws_cloudwatch_event_bus.hub.name
  event_pattern = jsonencode({
    "source" : ["aws.iam"], // another
    detail = { a = [1, null, true, 1.5], (local.key) = ["${1}"], for = [] }
  })
}
locals { key = "kk" }
"""

    assert list(patterns_in(text, "main.tf", ACCOUNT)) == [
        FoundFilter(
            "aws_cloudwatch_log_metric_filter.root",
            Place("main.tf", 4, 3),
            Written('{ $.a = "b" }'),
            Written("@aws.region = x"),
            Written("true"),
        ),
        FoundRule(
            "aws_cloudwatch_event_rule.root",
            Place("main.tf", 17, 3),
            Written('{"source": ["aws.iam"], "detail": {"a": [1, null, true, 1.5], "kk": ["1"], "for": []}}'),
            Written("ENABLED"),
            Written("aws_cloudwatch_event_bus.hub.name", ("aws_cloudwatch_event_bus.hub.name",)),
        ),
    ]


def pattern_of(expression: str, before: str = "") -> Written:
    text = f'{before}resource "aws_cloudwatch_log_metric_filter" "x" {{\n  pattern = {expression}\n}}\n'
    (found,) = patterns_in(text, "main.tf", ACCOUNT)
    return found.pattern


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        pytest.param(
            r'"a \"b\" \\ \u0041 $.x %z $${y} %%{z}"', Written('a "b" \\ A $.x %z ${y} %{z}'), id="escapes"
        ),
        pytest.param('("x")', Written("x"), id="parentheses"),
        pytest.param('"${"a"} ${1} ${true}"', Written("a 1 true"), id="plain-interpolations"),
        pytest.param(
            '"${data.aws_partition.it.partition} ${data.aws_caller_identity.me.account_id}"',
            Written("aws 111122223333"),
            id="account",
        ),
        pytest.param('"a ${var.b} ${var.b}"', Written("a var.b var.b", ("var.b",)), id="variable"),
        pytest.param("each.value.pattern", Written("each.value.pattern", ("each.value.pattern",)), id="each"),
        pytest.param("<<E\n  a\n   b\nE", Written("  a\n   b\n"), id="heredoc"),
        pytest.param("<<-END\n    a\n      b\n  END", Written("a\n  b\n"), id="indented-heredoc"),
        pytest.param("<<-E\r\n  a\r\n  E\r", Written("a\n"), id="heredoc-of-windows"),
        pytest.param("<<E\nE", Written(""), id="empty-heredoc"),
        pytest.param(
            '<<E\n$${a} ${var.b} ${data.aws_caller_identity.me.account_id} "\\\\"\nE',
            Written('${a} ${var.b} 111122223333 "\\\\"\n', ("var.b",)),
            id="interpolations-in-a-heredoc",
        ),
        pytest.param("trimspace(<<E\n x\nE\n)", Written("x"), id="trimmed"),
        pytest.param(
            'join("", ["a", "b"])', Written('join("", ["a", "b"])', ('join("", ["a", "b"])',)), id="function"
        ),
        pytest.param(
            'var.a ? "b" : "c"', Written('var.a ? "b" : "c"', ('var.a ? "b" : "c"',)), id="condition"
        ),
        pytest.param("local.other", Written("local.other", ("local.other",)), id="local-of-another-file"),
    ],
)
def test_expressions_are_resolved_as_far_as_the_file_says(expression: str, written: Written) -> None:
    assert pattern_of(expression) == written


def test_locals_of_the_file_are_looked_up() -> None:
    locals_ = 'locals {\n  a = "x ${local.b}"\n}\nlocals {\n  b = <<E\ny\nE\n}\n'

    assert pattern_of("local.a", locals_) == Written("x y\n")


@pytest.mark.parametrize(
    "local_values",
    [
        pytest.param('a = "x${local.a}"', id="circle"),
        pytest.param(
            'l0 = "x"\n'
            + "".join(f'l{n} = "${{local.l{n - 1}}}${{local.l{n - 1}}}"\n' for n in range(1, 40))
            + "a = local.l39",
            id="bomb",
        ),
    ],
)
def test_locals_without_end_are_given_up(local_values: str) -> None:
    written = pattern_of("local.a", f"locals {{\n{local_values}\n}}\n")

    assert written.depends_on != ()
    assert len(written.text) < 1_000


@pytest.mark.parametrize(
    ("attribute", "state"),
    [
        pytest.param("", Written("ENABLED"), id="unset"),
        pytest.param('state = "DISABLED"', Written("DISABLED"), id="state"),
        pytest.param("state = null", Written("ENABLED"), id="null"),
        pytest.param("state = var.on", Written("var.on", ("var.on",)), id="variable"),
        pytest.param("is_enabled = false", Written("DISABLED"), id="not-enabled"),
        pytest.param("is_enabled = true", Written("ENABLED"), id="enabled"),
        pytest.param("is_enabled = var.on", Written("ENABLED", ("var.on",)), id="enabled-by-variable"),
    ],
)
def test_state_is_said_in_two_ways(attribute: str, state: Written) -> None:
    text = f'resource "aws_cloudwatch_event_rule" "x" {{\n  event_pattern = "{{}}"\n  {attribute}\n}}\n'

    assert list(patterns_in(text, "main.tf", ACCOUNT)) == [
        FoundRule("aws_cloudwatch_event_rule.x", Place("main.tf", 2, 3), Written("{}"), state)
    ]


@pytest.mark.parametrize(
    "text", ["", 'resource "x" {}\nfoo {}\na = 1\n', 'resource "aws_cloudwatch_event_rule" "x" {}']
)
def test_other_blocks_have_no_patterns(text: str) -> None:
    assert list(patterns_in(text, "main.tf", ACCOUNT)) == []


def test_what_is_nested_too_deeply_to_be_evaluated_depends_on_it() -> None:
    written = pattern_of("[" * 2_000 + '"Root"' + "]" * 2_000)

    assert written.depends_on == ("what is nested too deeply",)
    assert '"Root"' in written.text


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        pytest.param("a = 1 2\n", "unexpected '2'", (1, 7), id="two-values"),
        pytest.param("a = 1\n}\n", "unexpected '}'", (2, 1), id="brace"),
        pytest.param("\nx {", "what begins here doesn't end, or is no Terraform", (2, 4), id="half-a-block"),
        pytest.param(
            'a = "x', "what begins here doesn't end, or is no Terraform", (1, 6), id="half-a-string"
        ),
        pytest.param("a = <<E\nx\n" + " " * 500_000, "too many spaces in a row", (2, 1), id="spaces"),
    ],
)
def test_fault_of_a_file_has_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(NotRead) as caught:
        list(patterns_in(text, "main.tf", ACCOUNT))

    assert str(caught.value) == message
    assert (caught.value.line, caught.value.column) == place
