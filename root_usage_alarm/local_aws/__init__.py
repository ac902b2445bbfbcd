"""An AWS on this machine, for the demo and the tests: moto, corrected where it would mislead."""

from .accounts import Account
from .corrections import apply_corrections
from .server import LocalAws

__all__ = ["Account", "LocalAws", "apply_corrections"]
