"""Makes the text of a document's step out of an ordinary Python file.

A step's script has to stand alone: the definitions that it imports from `steps.shared` are put in
front of it, those that it uses and no others. The rest is the file as it stands, with its comments, so
that whoever may run the document can read what runs.
"""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

STEPS = Path(__file__).parent / "steps"
STEPS_FOLDER = "root_usage_alarm/remediation/steps"
SHARED = "root_usage_alarm.remediation.steps.shared"


class NotAScript(Exception):
    """The source has something in it that can't be put into a document."""


def script_of(step: str) -> str:
    """The script of the step that `root_usage_alarm/remediation/steps/<step>.py` holds."""
    own, shared = _statements(STEPS / f"{step}.py"), _statements(STEPS / "shared.py")
    definitions = {name: statement for statement in shared if (name := _name_of(statement))}
    needed = _needed(own, definitions)
    kept = [each for name, each in definitions.items() if name in needed]
    kept += [each for each in own if not isinstance(each.node, ast.Import | ast.ImportFrom)]
    head = f"# {STEPS_FOLDER}/{step}.py, by `make document`\n"
    return head + _imports([*own, *shared], _names_in(kept)) + "".join(each.text for each in kept)


class _Statement:
    """A statement at a file's top level, with the comment above it and the blank lines between."""

    def __init__(self, node: ast.stmt, lines: list[str], before: ast.stmt) -> None:
        self.node = node
        self.text = "".join(lines[before.end_lineno or 0 : node.end_lineno])


def _statements(path: Path) -> list[_Statement]:
    """The file's statements, but for its docstring."""
    source = path.read_text(encoding="utf-8")
    if not source.isascii():
        raise NotAScript(f"{path.name} isn't ASCII")
    lines, body = source.splitlines(keepends=True), ast.parse(source).body
    return [_Statement(node, lines, before) for before, node in pairwise(body)]


def _name_of(statement: _Statement) -> str:
    match statement.node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return ""


def _needed(own: list[_Statement], definitions: dict[str, _Statement]) -> set[str]:
    """The shared names that the step imports, and those that these use in turn."""
    waiting = [
        alias.name
        for each in own
        if isinstance(each.node, ast.ImportFrom) and each.node.module == SHARED
        for alias in each.node.names
    ]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in definitions:
            raise NotAScript(f"steps/shared.py has no `{name}`")
        if name not in needed:
            needed.add(name)
            waiting += _names_in([definitions[name]]) & set(definitions)
    return needed


def _names_in(statements: list[_Statement]) -> set[str]:
    nodes = (node for each in statements for node in ast.walk(each.node))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _imports(statements: list[_Statement], used: set[str]) -> str:
    """The imports of names that are used, a line each."""
    lines = set()
    for statement in statements:
        match statement.node:
            case ast.Import(names=[alias]) if alias.name in used:
                lines.add(f"import {alias.name}\n")
            case ast.ImportFrom(module=str(module), names=names) if module not in (SHARED, "__future__"):
                lines |= {f"from {module} import {each.name}\n" for each in names if each.name in used}
    return "".join(sorted(lines))
