"""Metric filters and event rules of a Terraform file, from python-hcl2's parse tree, which keeps the places.

What other files, variables and data sources say is not looked up, but the account's own id and partition.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_metric_filter
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import hcl2
from hcl2.utils import process_escape_sequences
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from .found import Found, FoundFilter, FoundRule, NotRead, Place, Written

_METRIC_FILTER, _RULE = "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_event_rule"
MARKS = (_METRIC_FILTER, _RULE)

# A heredoc is found by a regular expression that takes the square of their number.
_MANY_SPACES = re.compile(r"\s{1000}")

_HEREDOC = re.compile(r"<<(-?)(\S+)\r?\n(.*)", re.DOTALL)
_IN_HEREDOC = re.compile(r"\$\$\{|%%\{|(?P<opened>[$%]\{[^}]*\}?)")
_ACCOUNT_ID = re.compile(r"data\.aws_caller_identity\.[\w-]+\.account_id")
_PARTITION = re.compile(r"data\.aws_partition\.[\w-]+\.partition")
_LOCAL = re.compile(r"local\.([\w-]+)")

_SHOWN = 40
"""Characters of an expression in a message."""

_MOST_LOOKED_UP = 50
"""Locals within the locals of one attribute, which may go round in a circle."""


def patterns_in(text: str, file: str, account_id: str) -> Iterator[Found]:
    """In the order of the file; raises NotRead."""
    blocks = [each for each in _trees(_body_of(text)) if each.data == "block"]
    local_values = _locals_of(blocks)
    for block in blocks:
        kind, *names = _labels(block)
        if kind != "resource" or names[:1] not in ([_METRIC_FILTER], [_RULE]):
            continue
        attributes = _attributes(block)
        values = {
            name: written
            for name, each in attributes.items()
            if (written := _Reading(text, account_id, local_values).written(each))
        }
        attribute = "pattern" if names[0] == _METRIC_FILTER else "event_pattern"
        if attribute not in values:
            continue
        resource, meta = ".".join(names), attributes[attribute].meta
        place = Place(file, meta.line, meta.column)
        if names[0] == _METRIC_FILTER:
            options = ("field_selection_criteria", "apply_on_transformed_logs")
            given = {name: values[name] for name in options if name in values}
            yield FoundFilter(resource, place, values[attribute], **given)
        else:
            bus = values.get("event_bus_name", Written("default"))
            yield FoundRule(resource, place, values[attribute], _state(values), bus)


def _state(values: Mapping[str, Written]) -> Written:
    """`is_enabled` is the older way to say it."""
    if "state" in values:
        return values["state"]
    is_enabled = values.get("is_enabled", Written("true"))
    return replace(is_enabled, text="DISABLED" if is_enabled.text == "false" else "ENABLED")


def _body_of(text: str) -> Tree[Token]:
    if found := _MANY_SPACES.search(text):
        raise NotRead("too many spaces in a row", text.count("\n", 0, found.start()) + 1)
    try:
        return next(each for each in _trees(hcl2.parses_to_tree(text)) if each.data == "body")
    except UnexpectedInput as error:
        token = str(getattr(error, "token", ""))  # none where a character begins none, empty at the end
        what = (
            f"unexpected {_short(token)!r}" if token else "what begins here doesn't end, or is no Terraform"
        )
        raise NotRead(what, max(error.line, 1), max(error.column, 1)) from None
    except (LarkError, RecursionError) as error:
        raise NotRead(str(error).partition("\n")[0][:100]) from None


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    """The parts that mean something."""
    return [each for each in tree.children if isinstance(each, Tree) and each.data != "new_line_or_comment"]


def _labels(block: Tree[Token]) -> list[str]:
    """The block's type and its labels."""
    return ["".join(_tokens(each)).strip('"') for each in _trees(block) if each.data != "body"]


def _tokens(tree: Tree[Token]) -> Iterator[str]:
    return (str(each) for each in tree.scan_values(lambda each: isinstance(each, Token)))


def _attributes(block: Tree[Token]) -> dict[str, Tree[Token]]:
    """The block's own attributes by name, each with its expression as the last part."""
    body = next(each for each in _trees(block) if each.data == "body")
    attributes = [each for each in _trees(body) if each.data == "attribute"]
    return {"".join(_tokens(_trees(each)[0])): each for each in attributes}


def _locals_of(blocks: list[Tree[Token]]) -> dict[str, Tree[Token]]:
    found: dict[str, Tree[Token]] = {}
    for block in blocks:
        if _labels(block) == ["locals"]:
            found |= _attributes(block)
    return found


class _Reading:
    """An attribute's evaluation. What isn't known stands as it is in the file, and is named."""

    def __init__(self, text: str, account_id: str, local_values: Mapping[str, Tree[Token]]) -> None:
        self._text = text
        self._account_id = account_id
        self._locals = local_values
        self._looked_up = 0
        self._depends_on: list[str] = []

    def written(self, attribute: Tree[Token]) -> Written | None:
        """The attribute's value, as the provider gets it; None where it is unset."""
        try:
            value = self.value(_trees(attribute)[-1])
        except RecursionError:
            return Written(self._source(attribute), ("what is nested too deeply",))
        return None if value is None else Written(_as_text(value), tuple(dict.fromkeys(self._depends_on)))

    def value(self, node: Tree[Token]) -> Any:
        match node.data:
            case "expr_term" if len(_trees(node)) == 1:
                return self.value(_trees(node)[0])
            case "string":
                return "".join(map(self._part, _trees(node)))
            case "heredoc_template" | "heredoc_template_trim":
                return self._heredoc("".join(_tokens(node)))
            case "literal_value":
                return json.loads("".join(_tokens(node)))
            case "int_lit" | "float_lit":
                number = "".join(_tokens(node))
                return int(number) if node.data == "int_lit" else float(number)
            case "tuple":
                return [self.value(each) for each in _trees(node)]
            case "object":
                return dict(self._element(each) for each in _trees(node))
            case "function_call":
                return self._call(node)
            case _:
                return self._reference(node)

    def _part(self, part: Tree[Token]) -> str:
        """Of a quoted string."""
        match part.children:
            case [Token(type="STRING_CHARS") as text]:
                return str(process_escape_sequences(str(text)))
            case [Token(type="ESCAPED_INTERPOLATION" | "ESCAPED_DIRECTIVE") as text]:
                return str(text)[1:]
            case [Tree(data="interpolation") as interpolation]:
                return _as_text(self.value(_trees(interpolation)[0]))
            case _:
                return str(self._unknown(part))

    def _heredoc(self, token: str) -> str:
        found = _HEREDOC.match(token)
        if found is None:
            return token
        lines = found[3].replace("\r\n", "\n").rstrip("\n").split("\n")[:-1]
        text = "".join(f"{line}\n" for line in lines)
        if found[1]:
            text = textwrap.dedent(text)
        return _IN_HEREDOC.sub(self._interpolated, text)

    def _interpolated(self, found: re.Match[str]) -> str:
        if (opened := found["opened"]) is None:
            return found[0][1:]
        known = self._known(opened[2:-1].strip())
        if known is None:
            self._depends_on.append(_short(opened.strip("${}% ")))
        return opened if known is None else known

    def _element(self, element: Tree[Token]) -> tuple[str, Any]:
        key, value = _trees(element)
        name = "".join(_tokens(key)).strip()
        is_bare = re.fullmatch(r"[\w-]+", name) is not None
        return name if is_bare else _as_text(self.value(_trees(key)[0])), self.value(value)

    def _call(self, node: Tree[Token]) -> Any:
        name, *arguments = _trees(node)
        values = _trees(arguments[0]) if arguments else []
        match "".join(_tokens(name)), values:
            case "jsonencode", [argument]:
                return json.dumps(self.value(argument))
            case "trimspace" | "chomp", [argument]:
                return _as_text(self.value(argument)).strip()
            case _:
                return self._unknown(node)

    def _reference(self, node: Tree[Token]) -> Any:
        source = self._source(node)
        known = self._known(source)
        if known is not None:
            return known
        local = _LOCAL.fullmatch(source)
        if local and local[1] in self._locals and self._looked_up < _MOST_LOOKED_UP:
            self._looked_up += 1
            return self.value(_trees(self._locals[local[1]])[-1])
        return self._unknown(node)

    def _known(self, source: str) -> str | None:
        if _ACCOUNT_ID.fullmatch(source):
            return self._account_id
        return "aws" if _PARTITION.fullmatch(source) else None

    def _unknown(self, node: Tree[Token]) -> str:
        source = self._source(node)
        self._depends_on.append(_short(source))
        return source

    def _source(self, node: Tree[Token]) -> str:
        return self._text[node.meta.start_pos : node.meta.end_pos]


def _short(source: str) -> str:
    line = " ".join(source.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
