"""Where clients come from, and whether it is AWS that they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore.config import Config


class ClientFactory(Protocol):
    """rdklib's ClientFactory, as far as it is used."""

    def build_client(self, service: str, region: str | None = None) -> Any: ...


class RoleClientFactory:
    """Builds clients that act as a role of another account, from credentials taken once."""

    def __init__(self, own: ClientFactory, role_arn: str, region: str) -> None:
        self._own = own
        self.role_arn = role_arn
        self._region = region
        self._credentials: dict[str, str] | None = None

    def build_client(self, service: str, region: str | None = None) -> Any:
        """Raises ClientError when the role can't be assumed."""
        # Imported here: the pure modules and their tests do without it.
        import boto3  # noqa: PLC0415

        if self._credentials is None:
            sts = self._own.build_client("sts", self._region)
            answer = sts.assume_role(RoleArn=self.role_arn, RoleSessionName="root-usage-alarm-rule")
            self._credentials = answer["Credentials"]
        make: Any = boto3.client
        return make(
            service,
            region_name=region,
            aws_access_key_id=self._credentials["AccessKeyId"],
            aws_secret_access_key=self._credentials["SecretAccessKey"],
            aws_session_token=self._credentials["SessionToken"],
        )


TRIES = 4
"""Of one call; botocore's own five for each of a minute outlast the function."""


def patience(seconds_left: float) -> Config:
    """The time-outs and tries of clients in a function that has so much time left.

    All tries of a call that hangs take a fifth of it, with the pauses in between: no call that only
    informs costs the verdict, and there is time to report.
    """
    from botocore.config import Config  # noqa: PLC0415  # as above

    seconds = max(2.0, seconds_left / (6 * TRIES))
    return Config(
        connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": TRIES, "mode": "legacy"}
    )


def is_aws_endpoint(url: str) -> bool:
    """https://docs.aws.amazon.com/general/latest/gr/rande.html"""
    host = url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn"))
