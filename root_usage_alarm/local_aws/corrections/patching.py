"""How a correction gets into moto: methods of its classes are replaced, or added.

State that a correction has to keep lies on moto's own objects (`kept`), so that moto's reset and
the end of `mock_aws` wipe it with everything else.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

from moto import backend_index
from moto.backends import get_service_from_url

Function = TypeVar("Function", bound=Callable[..., Any])
Kept = TypeVar("Kept")


class AlreadyThere(Exception):
    """moto has learned an action that we add: drop the addition, or turn it into a correction."""


class Corrections:
    """The corrections of one service, in the order in which they are declared."""

    def __init__(self) -> None:
        self._pending: list[Callable[[], None]] = []

    def replaces(self, owner: Any, name: str) -> Callable[[Function], Function]:
        """Puts the function in the place of `owner.name`; it is given moto's own as its first argument."""

        def declare(function: Function) -> Function:
            self._pending.append(lambda: _replace(owner, name, function))
            return function

        return declare

    def adds(self, owner: Any) -> Callable[[Function], Function]:
        """Makes the function a method of `owner`, under its own name."""

        def declare(function: Function) -> Function:
            self._pending.append(lambda: _add(owner, function))
            return function

        return declare

    def serves(self, host: str, path: str, beside: str) -> Callable[[Function], Function]:
        """Has the function answer a path of a service that moto lacks, as if it were `beside`'s."""

        def declare(function: Function) -> Function:
            self._pending.append(lambda: _serve(host, path, beside, function))
            return function

        return declare

    def apply(self) -> None:
        pending, self._pending = self._pending, []
        for step in pending:
            step()


def kept(holder: Any, name: str, make: Callable[[], Kept]) -> Kept:
    """What a correction keeps on one of moto's objects; made when it is first asked for."""
    value: Kept = vars(holder).setdefault(name, make())
    return value


def _serve(host: str, path: str, beside: str, function: Callable[..., Any]) -> None:
    base = rf"https?://{host}\.(.+)\.amazonaws\.com"
    if get_service_from_url(f"https://{host}.us-east-1.amazonaws.com"):
        raise AlreadyThere(host)
    urls = importlib.import_module(f"moto.{beside}.urls")
    backend_index.backend_url_patterns.append((beside, re.compile(base)))
    urls.url_bases.append(base)
    urls.url_paths["{0}" + path] = function


def _replace(owner: Any, name: str, function: Callable[..., Any]) -> None:
    original = getattr(owner, name)

    # moto looks its actions up with `inspect.isfunction`: a partial object would not be seen.
    @functools.wraps(original)
    def corrected(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    setattr(owner, name, corrected)


def _add(owner: Any, function: Callable[..., Any]) -> None:
    if hasattr(owner, function.__name__):
        raise AlreadyThere(f"{owner.__name__}.{function.__name__}")
    setattr(owner, function.__name__, function)
