"""The option that takes the rule's parameters, as AWS Config would hand them over."""

from __future__ import annotations

import click
from root_usage.parameters import PARSERS, InvalidParameters, Parameters, parse_parameters

parameter_option = click.option(
    "--parameter",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"A rule parameter, as in AWS Config: {', '.join(PARSERS)}.",
)


def parameters_of(given: tuple[str, ...]) -> Parameters | InvalidParameters:
    pairs = [each.partition("=") for each in given]
    for name, separator, _ in pairs:
        if not separator:
            raise click.BadParameter(f"`{name}` should be NAME=VALUE", param_hint="--parameter")
    return parse_parameters({name: value for name, _, value in pairs})
