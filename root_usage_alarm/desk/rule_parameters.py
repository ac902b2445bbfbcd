"""The option that takes the rule's parameters, as AWS Config would hand them over."""

from __future__ import annotations

import json
from pathlib import Path

import click
from root_usage.parameters import PARSERS, InvalidParameters, Parameters, parse_parameters

from .config_file import PARAMETERS


def _after_the_files(
    context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    return (*context.meta.get(PARAMETERS, ()), *given)


parameter_option = click.option(
    "--parameter",
    "given",
    multiple=True,
    callback=_after_the_files,
    metavar="NAME=VALUE|@FILE",
    help=f"A rule parameter, as in AWS Config, or a file of them in JSON: {', '.join(PARSERS)}.",
)


def values_of(given: tuple[str, ...]) -> dict[str, str]:
    """The parameters by name; what comes later counts."""
    values: dict[str, str] = {}
    for each in given:
        name, separator, value = each.partition("=")
        if each.startswith("@"):
            values |= _in_file(each[1:])
        elif separator:
            values[name] = value
        else:
            raise click.BadParameter(f"`{name}` should be NAME=VALUE or @FILE", param_hint="--parameter")
    return values


def usable_parameters_of(given: tuple[str, ...]) -> Parameters:
    """The same, read; of a value that the rule couldn't use it says so, before anything is asked or made."""
    parameters = parse_parameters(values_of(given))
    if isinstance(parameters, InvalidParameters):
        raise click.BadParameter(parameters.findings[0].message, param_hint="--parameter")
    return parameters


def _in_file(path: str) -> dict[str, str]:
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"file `{path}`: {error}", param_hint="--parameter") from error
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise click.BadParameter(f"file `{path}` isn't a JSON object of strings", param_hint="--parameter")
    return values
