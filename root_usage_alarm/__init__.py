"""Tools for the workstation: nothing here goes into the Lambda."""

__version__ = "0.1.0"
