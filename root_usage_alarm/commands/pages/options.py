"""The options of `--output html`: where the page goes, and which earlier report it is held against."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .trend import Earlier, NoReport, earlier_in


def to_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--to`, for `--output html` only."""
    option = click.option(
        "--to",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        callback=_in_a_folder,
        help="The file for --output html; standard output by default.",
    )
    return option(_only_with_html(command))


def against_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--against`, for `--output html` only."""
    option = click.option(
        "--against",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_earlier,
        help="An earlier report in JSON: --output html shows what has changed since.",
    )
    return option(_only_with_html(command))


def write(page: str, to: Path | None) -> None:
    """Writes the page there, or to standard output."""
    if to is None:
        click.echo(page)
        return
    try:
        to.write_text(page + "\n", encoding="ascii")
    except OSError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error


def _only_with_html(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        given = [name for name in ("to", "against") if options.get(name) is not None]
        if given and options["output"] != "html":
            raise click.UsageError(f"--{given[0]} is for --output html")
        return command(*arguments, **options)

    return run


def _in_a_folder(_context: click.Context, _parameter: click.Parameter, to: Path | None) -> Path | None:
    # Before AWS is asked, which may take minutes.
    if to is not None and not to.parent.is_dir():
        raise click.BadParameter(f"there is no folder `{to.parent}`")
    return to


def _earlier(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Earlier | None:
    try:
        return earlier_in(path) if path else None
    except NoReport as error:
        raise click.BadParameter(str(error)) from error
