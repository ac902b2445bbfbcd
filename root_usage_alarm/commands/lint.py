"""`lint`: the patterns for root usage in CloudFormation templates and Terraform files, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from .exit_status import Ending, worst
from .explain import EXAMPLE_ACCOUNT
from .linting import cloudformation, terraform
from .linting.found import MAX_BYTES, NotRead, Place
from .linting.judging import FILE_UNREADABLE, Judgement, judge
from .linting.output import summary_of, to_json, to_sarif, to_text

SUFFIXES = {".json", ".template", ".tf", ".yaml", ".yml"}
"""Of the files that are looked at in a folder; a file that is named may have any."""


@click.command()
@click.argument(
    "paths",
    metavar="FILE|FOLDER...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--account-id", default=EXAMPLE_ACCOUNT, show_default=True, help="The account that root is root of."
)
@click.option("--output", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.pass_context
def lint(context: click.Context, paths: tuple[Path, ...], account_id: str, output: str) -> None:
    """Do the filters for root in CloudFormation templates and Terraform files catch all of root's events?

    Looks at the FilterPattern of metric filters and at the EventPattern and State of EventBridge rules.
    Patterns that aren't meant for root are left alone. Reads the files, and nothing else.

    Exit status, the worst of all: 2 could not read a file, or a pattern for root is none (syntax); 1 missed;
    3 undecided; 0 all covered, or no pattern for root.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files_of(path)))
    judgements = [judgement for file in files for judgement in judgements_of(file, account_id)]
    match output:
        case "json":
            click.echo(json.dumps(to_json(judgements), indent=2))
        case "sarif":
            click.echo(json.dumps(to_sarif(judgements), indent=2))
        case _:
            for line in to_text(judgements):
                click.echo(line)
            click.echo(summary_of(judgements, len(files)), err=True)
    context.exit(worst(each.ending for each in judgements))


def _files_of(path: Path) -> Iterator[Path]:
    """The file itself, or the folder's, but no hidden ones, such as those of `.terraform`."""
    if not path.is_dir():
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.name.startswith(".") or each.is_symlink():
            continue
        if each.is_dir() or each.suffix in SUFFIXES:
            yield from _files_of(each)


def judgements_of(file: Path, account_id: str) -> Iterator[Judgement]:
    """What is to say of the file's patterns, in their order."""
    reader = terraform if file.suffix == ".tf" else cloudformation
    try:
        text = _text_of(file, reader.MARKS)
        for found in reader.patterns_in(text, str(file), account_id) if text else ():
            if judgement := judge(found, account_id):
                yield judgement
    except NotRead as fault:
        place = Place(str(file), fault.line, fault.column)
        yield Judgement(place, "", FILE_UNREADABLE, Ending.COULD_NOT_RUN, f"can't be read: {fault}")


def _text_of(file: Path, marks: tuple[str, ...]) -> str:
    """Empty where the file's first MB speaks of nothing that is looked for, whatever it is."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotRead(error.strerror or str(error)) from None
    if not any(mark.encode() in content for mark in marks):
        return ""
    if len(content) > MAX_BYTES:
        raise NotRead(f"larger than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = content.rfind(b"\n", 0, error.start) + 1
        line = content.count(b"\n", 0, error.start) + 1
        raise NotRead("no UTF-8", line, error.start - line_start + 1) from None
