"""Metric filters and event rules of a CloudFormation template, YAML or JSON, read by cfn-lint's own loader.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from cfnlint.decode import cfn_yaml

from .found import MAX_DEPTH, Found, FoundFilter, FoundRule, NotRead, Place, Written, joined

MARKS = ("AWS::Logs::MetricFilter", "AWS::Events::Rule")
"""A file with none of them is no template that is of interest."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def patterns_in(text: str, file: str, account_id: str) -> Iterator[Found]:
    """In the order of the template; raises NotRead."""
    template = _load(text, file)
    resources = template.get("Resources") if isinstance(template, dict) else None
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        match resource:
            case {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern": pattern} as properties}:
                yield FoundFilter(
                    str(name),
                    _place_of("FilterPattern", properties, file),
                    _text(pattern, account_id),
                    _text(properties.get("FieldSelectionCriteria", ""), account_id),
                    _text(properties.get("ApplyOnTransformedLogs", "false"), account_id),
                )
            case {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern} as properties}:
                yield FoundRule(
                    str(name),
                    _place_of("EventPattern", properties, file),
                    _json_text(pattern, account_id),
                    _text(properties.get("State", "ENABLED"), account_id),
                    _text(properties.get("EventBusName", "default"), account_id),
                )


def _load(text: str, file: str) -> Any:
    try:
        _refuse_deep_nesting(text)
        return cfn_yaml.loads(text, file)
    except cfn_yaml.CfnParseError as error:
        found = error.matches[0]
        raise NotRead(_first_line(found.message), found.linenumber, found.columnnumber) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise NotRead(_first_line(error.problem or str(error)), *place) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotRead(_first_line(str(error))) from None


def _refuse_deep_nesting(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=cfn_yaml.FastLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise NotRead("nested too deeply", event.start_mark.line + 1, event.start_mark.column + 1)


def _first_line(message: str) -> str:
    return message.partition("\n")[0]


def _place_of(name: str, properties: Mapping[Any, Any], file: str) -> Place:
    mark = next(key for key in properties if key == name).start_mark
    return Place(file, mark.line + 1, mark.column + 1)


# -- intrinsic functions
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html


def _text(value: Any, account_id: str) -> Written:
    """A property that takes a string."""
    match value:
        case str():
            return Written(str(value))
        case bool() | int() | float():
            return Written(json.dumps(value))
        case {"Ref": str(name)} if len(value) == 1:
            return _variable(name, account_id)
        case {"Fn::Sub": str(text)} if len(value) == 1:
            return _substituted(text, {}, account_id)
        case {"Fn::Sub": [str(text), dict(variables)]} if len(value) == 1:
            return _substituted(text, variables, account_id)
        case {"Fn::Join": [str(separator), list(parts)]} if len(value) == 1:
            return joined((_text(each, account_id) for each in parts), separator)
        case _:
            name = next(iter(value)) if _is_function(value) else "what is no string"
            return Written(json.dumps(value, default=str), (str(name),))


def _variable(name: str, account_id: str) -> Written:
    known = {"AWS::AccountId": account_id, "AWS::Partition": "aws"}.get(name)
    return Written(f"${{{name}}}", (name,)) if known is None else Written(known)


def _substituted(text: str, variables: Mapping[str, Any], account_id: str) -> Written:
    parts: list[Written] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        name = found[1]
        parts.append(Written(text[end : found.start()]))
        if name.startswith("!"):
            parts.append(Written(f"${{{name[1:]}}}"))
        elif name in variables:
            parts.append(_text(variables[name], account_id))
        else:
            parts.append(_variable(name, account_id))
        end = found.end()
    return joined([*parts, Written(text[end:])])


def _json_text(value: Any, account_id: str) -> Written:
    """A property that takes JSON, as an object or as its text."""
    if not isinstance(value, dict) or _is_function(value):
        return _text(value, account_id)
    depends_on: list[str] = []

    def plain(node: Any) -> Any:
        if _is_function(node):
            written = _text(node, account_id)
            depends_on.extend(written.depends_on)
            return written.text
        if isinstance(node, dict):
            return {str(name): plain(each) for name, each in node.items()}
        return [plain(each) for each in node] if isinstance(node, list) else node

    text = json.dumps(plain(value), default=str)
    return Written(text, tuple(dict.fromkeys(depends_on)))


def _is_function(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and len(node) == 1
        and all(str(name) == "Ref" or str(name).startswith("Fn::") for name in node)
    )
