"""A browser for the whole folder, where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.pages import browser as headless


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[headless.Browser]:
    if lacks := headless.lacking():
        pytest.skip(lacks)
    with headless.browsing(tmp_path_factory.mktemp("profile")) as browser:
        yield browser
