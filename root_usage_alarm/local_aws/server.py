"""The local AWS as a server on loopback, for clients in other processes too."""

from __future__ import annotations

import logging
from types import TracebackType

from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from .corrections import apply_corrections
from .corrections.identity import access_key_of

DEFAULT_ACCOUNT = "111122223333"
DEFAULT_REGION = "us-east-1"


class LocalAws:
    """A corrected moto behind one HTTP endpoint, for as long as the context lasts.

    It binds 127.0.0.1 on a free port, changes no environment variable and prints nothing. moto keeps
    its state per process, so one at a time: the context starts and ends with an empty AWS.
    """

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def __enter__(self) -> LocalAws:
        apply_corrections()
        # werkzeug writes a line per request, and a banner.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server.start()
        self.reset()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reset()
        self._server.stop()
        if self._server._server is not None:
            self._server._server.server_close()  # moto leaves the socket open

    @property
    def endpoint_url(self) -> str:
        host, port = self._server.get_host_and_port()
        return f"http://{host}:{port}"

    def reset(self) -> None:
        """Empties every account."""
        moto_api_backend.reset()

    def environment(self, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str]:
        """The environment variables of a client process: an administrator of the account, in the region."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": access_key_of(account_id),
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
