"""`root-usage-alarm.toml`: what the commands would be told on the command line, and what is accepted.

Keys are options without their dashes, in a table named after the command; see docs/configuration.md. The
command line beats the command's table, and that beats what stands there for all commands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from root_usage.parameters import PARSERS, InvalidParameters, parse_parameters
from root_usage.verdict.findings import Code

from .accepted import ACCEPTED, Accepted
from .exit_status import ExitStatus

DEFAULT = Path("root-usage-alarm.toml")
FOR_ALL = ("profile", "region")
COMMANDS = ("check", "check-org", "report", "remediate", "deploy", "deploy-org")
MEMBERS = ("account", "code", "reason", "expires")
# A person decides on these each time.
NOT_IN_THE_FILE = {"config", "fresh", "parameter", "yes"}
PARAMETERS = "root_usage_alarm.parameters"
"""In a context's `meta`: the file's rule parameters, as `--parameter` gives them."""


Options = Mapping[str, click.Parameter]


class BadConfig(click.ClickException):
    """The file can't be used as it is."""

    exit_code = ExitStatus.COULD_NOT_RUN


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    def refuse(self, key: str, expected: str) -> NoReturn:
        raise BadConfig(f"{self.path}: {key}: expected {expected}")

    def load(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadConfig(f"{self.path}: {' '.join(str(error).split())}") from error

    def table(self, key: str, value: object, known: Iterable[str] = ()) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(key, "a table")
        prefix = f"{key}." if key else ""
        for name in value:
            if known and name not in known:
                self.refuse(f"{prefix}{name}", f"one of {', '.join(known)}")
        return value

    def values(
        self,
        context: click.Context,
        options: Mapping[str, click.Parameter],
        table: Mapping[str, Any],
        key: str,
    ) -> Iterator[tuple[str, Any]]:
        for name, value in table.items():
            if name in options:
                yield str(options[name].name), self.value(context, options[name], value, f"{key}{name}")

    def value(self, context: click.Context, option: click.Parameter, value: object, key: str) -> object:
        kind, expected = _kind_of(option)
        each = value if option.multiple and isinstance(value, list) else [value]
        # In Python a bool is an int, in TOML it isn't.
        if isinstance(value, list) != option.multiple or not all(type(one) is kind for one in each):
            self.refuse(key, "a list of texts" if option.multiple else expected)
        try:
            option.type_cast_value(context, value)
        except click.BadParameter as error:
            self.refuse(key, f"another value: {error.message}")
        return value

    def parameters(self, key: str, value: object) -> dict[str, str]:
        """As texts, as AWS Config would hand them over."""
        texts = {}
        for name, given in self.table(key, value, PARSERS).items():
            if not isinstance(given, str | int | date) and not _is_texts(given):
                self.refuse(f"{key}.{name}", "a text, a number, true or false, a date, or a list of texts")
            texts[name] = _text_of(given)
            parsed = parse_parameters({name: texts[name]})
            if isinstance(parsed, InvalidParameters):
                self.refuse(f"{key}.{name}", f"another value: {parsed.findings[0].remedy}")
        return texts

    def accepted(self, entries: object, today: date) -> Iterator[Accepted]:
        if not isinstance(entries, list):
            self.refuse("accepted", "tables, each under [[accepted]]")
        for number, entry in enumerate(entries, start=1):
            found = self._accepted(f"accepted {number}", entry)
            if found.expires >= today:
                yield found
            else:
                what = f"{found.code.name} of account {found.account_id}"
                text = (
                    f"{self.path}: accepted {number}.expires: {found.expires} is over, so {what} counts again"
                )
                click.echo(text, err=True)

    def _accepted(self, key: str, value: object) -> Accepted:
        entry = self.table(key, value, MEMBERS)
        account, code, reason, expires = (entry.get(name) for name in MEMBERS)
        if not isinstance(account, str) or not re.fullmatch(r"\d{12}", account):
            self.refuse(f"{key}.account", "an account number of 12 digits, in quotes")
        if not isinstance(code, str) or code not in Code.__members__:
            self.refuse(f"{key}.code", "a finding's code, such as ALARM_UNIT, in quotes")
        if not isinstance(reason, str) or not reason.strip():
            self.refuse(f"{key}.reason", "why, as a text")
        if not isinstance(expires, date) or isinstance(expires, datetime):
            self.refuse(f"{key}.expires", "a day, such as 2027-01-31, without quotes")
        return Accepted(account, Code[code], reason.strip(), expires)


def read_config(path: Path, context: click.Context) -> None:
    """Makes the file's values the command's defaults; raises BadConfig."""
    file, command = _File(path), str(context.command.name)
    content = file.table("", file.load(), (*FOR_ALL, "parameters", "accepted", *COMMANDS))
    options = _options_of(context.command)
    table = file.table(command, content.get(command, {}), (*options, "parameters"))
    for_all = {name: content[name] for name in FOR_ALL if name in content}
    context.default_map = {
        **dict(file.values(context, options, for_all, "")),
        **dict(file.values(context, options, table, f"{command}.")),
    }
    parameters = {
        **file.parameters("parameters", content.get("parameters", {})),
        **file.parameters(f"{command}.parameters", table.get("parameters", {})),
    }
    context.meta[PARAMETERS] = tuple(f"{name}={text}" for name, text in parameters.items())
    context.meta[ACCEPTED] = tuple(file.accepted(content.get("accepted", []), datetime.now(UTC).date()))


def _read(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path or DEFAULT.exists():
        read_config(path or DEFAULT, context)


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    is_eager=True,
    expose_value=False,
    callback=_read,
    help=f"Configuration file in TOML; {DEFAULT} in the working directory by default.",
)


def _options_of(command: click.Command) -> Options:
    """By their names in the file."""
    named = (
        (each.removeprefix("--"), param)
        for param in command.params
        for each in ([str(param.name)] if isinstance(param, click.Argument) else param.opts)
    )
    return {name: param for name, param in named if name not in NOT_IN_THE_FILE}


def _kind_of(option: click.Parameter) -> tuple[type, str]:
    if isinstance(option, click.Option) and option.is_flag:
        return bool, "`true` or `false`"
    return (int, "a number") if isinstance(option.type, click.types.IntParamType) else (str, "a text")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _text_of(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)
