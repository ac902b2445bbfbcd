"""Scripts lose what they don't need, and nothing else."""

from __future__ import annotations

import pytest

from root_usage_alarm.remediation.compact import NotAScript, compact
from root_usage_alarm.remediation.scripts import script_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = 1  # why", "x=1\n", id="comment"),
        pytest.param('def f():\n    """Says."""\n    return 1', "def f():\n return 1\n", id="docstring"),
        pytest.param(
            'class A(Exception):\n    """Says."""', "class A(Exception):\n pass\n", id="docstring-alone"
        ),
        pytest.param(
            "def f(a: int, *b: str, c: list[int] = [1]) -> dict[str, int]:\n    d: int = a\n    return d",
            "def f(a,*b,c=[1]):\n d=a\n return d\n",
            id="annotations",
        ),
        pytest.param("x = \"a 'b' c\"", "x=\"a 'b' c\"\n", id="quotes-within-quotes"),
        pytest.param("x = f\"{a['b']:>3} c\"", "x=f\"{a['b']:>3} c\"\n", id="f-string-with-quotes"),
        pytest.param('x = f"{a}  {b!r}"', "x=f'{a}  {b!r}'\n", id="f-string"),
        pytest.param("x = f\"{f'{a}'}  b\"", "x=f\"{f'{a}'}  b\"\n", id="f-string-in-f-string"),
        pytest.param("x = a if b else not c", "x=a if b else not c\n", id="words"),
        pytest.param("x = [\n    1,\n    2,\n]", "x=[1,2]\n", id="comma-before-bracket"),
        pytest.param("x = (1,)", "x=(1,)\n", id="tuple-of-one"),
        pytest.param("if a:\n    if b:\n        c()\nd()", "if a:\n if b:\n  c()\nd()\n", id="levels"),
        pytest.param('x = r"\\d" "e"', "x=r\"\\d\" 'e'\n", id="raw-string"),
    ],
)
def test_compact_text(source: str, expected: str) -> None:
    assert compact(source) == expected


def test_variable_without_a_value_is_refused() -> None:
    with pytest.raises(NotAScript):
        compact("def f():\n    x: int\n    return 1")


def test_script_names_its_source_and_stands_alone() -> None:
    script = script_of("metric_filter")

    first, *_ = script.splitlines()
    source = "root_usage_alarm/remediation/steps/metric_filter.py"
    assert first == f"# {source}, by `make document`"
    assert "root_usage_alarm.remediation.steps" not in script.removeprefix(first)
    assert "def filters_of(" in script
    assert "def alarm_named(" not in script
