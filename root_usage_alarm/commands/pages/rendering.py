"""Fills the templates in, so that foreign text stays text and the browser runs nothing but our script."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ... import __version__

# Control characters, lone surrogates, and what turns the direction of the text around it: a name that
# carries one could be read as another. Marks that belong into Arabic and Hebrew names are left alone.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(template: str, *scripts: str, **values: object) -> str:
    """The page in ASCII, which every shell and editor writes as it is; `scripts` run in that order."""
    style = _source("page.css")
    script = "".join(_source(each) for each in scripts)
    page = _environment().get_template(template)
    text = page.render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 the package's own file
        script=Markup(script),  # noqa: S704 likewise
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        version=__version__,
        **values,
    )
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def visible(value: Any) -> Any:
    """The text with every character that can't be seen, or that turns others around, as its escape."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)


def _pretty(value: object) -> Markup:
    """A JSON document over several lines."""
    return escape(json.dumps(value, indent=2, default=str))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = _pretty
    return environment


def _source(name: str) -> str:
    return files(__package__ or "").joinpath("templates", name).read_text(encoding="ascii")


def _policy(style: str, script: str) -> str:
    """https://www.w3.org/TR/CSP3/#framework-directive-source-list: a hash admits that text and no other."""
    scripts = _hash(script) if script else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode('ascii')).digest()).decode('ascii')}'"
