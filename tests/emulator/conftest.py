"""One local AWS and one ministack beside it for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from root_usage_alarm.deployment import evaluation, package, stacks
from root_usage_alarm.local_aws import LocalAws
from tests.emulator.emulator import EMULATOR, Ministack


@pytest.fixture(scope="module")
def ministack(server: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    server.reset()
    # Without digests, as the wheels may be from an index that packs them anew.
    lock = tmp_path_factory.mktemp("layer") / "requirements-layer.txt"
    lock.write_text("\n".join(package.pins()))
    with Ministack(server) as ministack, pytest.MonkeyPatch.context() as patch:
        # The layer is built from what `make test` put there, not from the network.
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(EMULATOR / "wheels"))
        patch.setattr(package, "LOCK", lock)
        # It is quicker than AWS.
        patch.setattr(stacks, "SECONDS_BETWEEN_LOOKS", 0.1)
        patch.setattr(evaluation, "SECONDS_BETWEEN_LOOKS", 0.1)
        patch.setattr(evaluation, "LOOKS", 600)
        yield ministack
