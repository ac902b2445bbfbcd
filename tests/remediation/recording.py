"""What the scripts ask of AWS: every call is noted, and some can be made to fail or to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

# An evaluation that is started changes nothing but the rule's result.
READS = ("Describe", "Get", "List", "Head", "StartConfigRulesEvaluation")


class Interrupted(Exception):
    """The run ends here, as when the power goes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the script made it."""

    service: str
    operation: str
    region: str
    parameters: dict[str, Any]


class Calls:
    """Listens to boto3's default session, which the scripts use."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        self._before: dict[str, Callable[[], object]] = {}
        self._after: dict[str, Callable[[], object]] = {}
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("provide-client-params", self._note)
        session.events.register("before-call", self._precede)
        session.events.register("after-call", self._follow)

    @property
    def writes(self) -> list[str]:
        return [call.operation for call in self.made if not call.operation.startswith(READS)]

    def before(self, operation: str, happening: Callable[[], object]) -> None:
        """Has something happen just before AWS gets the call, once."""
        self._before[operation] = happening

    def after(self, operation: str, happening: Callable[[], object]) -> None:
        """Has something happen just after AWS carried the call out, once."""
        self._after[operation] = happening

    def _note(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        service = model.service_model.service_name
        self.made.append(Call(service, model.name, context["client_region"], params))

    def _precede(self, model: Any, **_: Any) -> None:
        self._before.pop(model.name, _nothing)()

    def _follow(self, model: Any, **_: Any) -> None:
        self._after.pop(model.name, _nothing)()


def interrupt() -> None:
    raise Interrupted


def _nothing() -> None:
    pass
