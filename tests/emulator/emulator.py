"""ministack as a server on loopback, beside the local AWS that everything else is in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from root_usage_alarm.local_aws import LocalAws

# `make test` makes it, from requirements.txt beside this file.
EMULATOR = Path(sys.prefix) / "emulator"
PYTHON = EMULATOR / "bin" / "python"
ROOT = Path(__file__).parents[2]
# The services that are ministack's, in the words of boto3's environment variables.
SERVICES = ("CLOUDFORMATION", "LAMBDA", "S3")
MOST_SECONDS = 60


class Ministack:
    """Stacks and functions for as long as the context lasts; all else is `aws`'s, for them too."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._folder = tempfile.TemporaryDirectory()
        self.url = f"http://127.0.0.1:{_free_port()}"

    def __enter__(self) -> Ministack:
        if not PYTHON.exists():
            raise AssertionError(f"no {PYTHON}: `make test` sets it up")
        log = Path(self._folder.name) / "ministack.log"
        with log.open("w") as output:
            self._process = subprocess.Popen(  # noqa: S603 our own launcher
                [PYTHON, "-m", "tests.emulator.launcher"],
                cwd=ROOT,
                env=self._own_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait(log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def environment(self) -> dict[str, str]:
        """The environment variables by which a client finds ministack's services here."""
        return {f"AWS_ENDPOINT_URL_{service}": self.url for service in SERVICES}

    def _own_environment(self) -> dict[str, str]:
        # Nothing of ours, as that would get into the functions too.
        return {
            "PATH": os.environ["PATH"],
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": self.url.rpartition(":")[2],
            "TMPDIR": self._folder.name,
            "LOG_LEVEL": "WARNING",
            "AWS_ENDPOINT_URL": self._aws.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _wait(self, log: Path) -> None:
        host, port = self.url.removeprefix("http://").split(":")
        for _ in range(MOST_SECONDS * 10):
            if self._process.poll() is not None:
                raise AssertionError(f"ministack doesn't start: {log.read_text()}")
            with socket.socket() as probe:
                if probe.connect_ex((host, int(port))) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"ministack doesn't answer: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
