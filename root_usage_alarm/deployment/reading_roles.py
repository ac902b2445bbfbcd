"""The option that takes the reading roles: one for each other account that has links of the chain."""

from __future__ import annotations

from collections.abc import Sequence

import click


def _of_one_name(_: click.Context, parameter: click.Parameter, arns: tuple[str, ...]) -> tuple[str, ...]:
    if len({name_of([arn]) for arn in arns}) > 1:
        raise click.BadParameter(
            "the roles have to have one name, which ReadingRoleName gets", param=parameter
        )
    return arns


reading_role_option = click.option(
    "--reading-role",
    "--log-archive-role",
    "reading_roles",
    multiple=True,
    callback=_of_one_name,
    help="ARN of the role of stack reading-role in another account of the chain; more than one.",
)


def name_of(arns: Sequence[str]) -> str:
    """The name that the roles have in common; empty where there are none."""
    return arns[0].rpartition("/")[2] if arns else ""
