"""Settings for the whole folder."""

from __future__ import annotations

from hypothesis import settings

# The same examples in every run, so that a red build is red everywhere; no limit of time per example,
# as build machines are slow, and no database of earlier failures.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, max_examples=200)
# A few of them, for `make test-fast`.
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
# Other examples in every run, for `make explore`: what it finds becomes an `@example` of its test.
settings.register_profile("explore", database=None, deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("repeatable")
