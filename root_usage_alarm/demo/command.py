"""`demo`: the rule's Lambda handler against accounts on an embedded AWS, and the button pressed."""

from __future__ import annotations

import click


@click.command()
def demo() -> None:
    """Judge accounts on an embedded local AWS; no credentials, no network."""
    from .showing import show  # noqa: PLC0415 --help needs no embedded AWS

    show()
