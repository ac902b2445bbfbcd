"""A call that is refused before it is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore
from botocore.exceptions import ClientError


@contextmanager
def refused(operation: str, code: str, role_of: str = "") -> Iterator[None]:
    """The call is refused; with an account, only where it is about a role of that account."""

    def refuse(params: dict[str, str], **_: Any) -> None:
        if f"::{role_of}:" in params.get("RoleArn", f"::{role_of}:"):
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation.rpartition(".")[2])

    def watch(session: Any) -> None:
        session.register(f"before-parameter-build.{operation}", refuse)

    botocore.register_initializer(watch)
    try:
        yield
    finally:
        botocore.unregister_initializer(watch)
