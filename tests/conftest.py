"""Settings for the whole folder."""

from __future__ import annotations

from hypothesis import settings

# The same examples in every run, so that a red build is red everywhere; no limit of time per example,
# as build machines are slow, and no database of earlier failures.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, max_examples=200)
settings.load_profile("repeatable")
