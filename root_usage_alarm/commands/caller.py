"""Whoever runs a command: the workstation's credentials, and the account that they belong to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from root_usage.aws.clients import ClientFactory

from ..desk.exit_status import CouldNotRun

# A person waits: an endpoint that answers at all accepts a connection within a second. How often a call is
# tried is left to the AWS configuration of whoever runs this, but for the first one.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
PROMPT = Config(connect_timeout=3, read_timeout=20)
FIRST = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})


def session_of(profile: str | None, region: str | None) -> boto3.session.Session:
    """boto3's default session from now on, whose clients don't wait for long.

    The credentials of a role are used by clients of the default session. boto3 itself reads no AWS_REGION, as
    other SDKs do: https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
    """
    boto3.setup_default_session(
        profile_name=profile, region_name=region or os.environ.get("AWS_REGION") or None
    )
    # boto3 has no way of its own to tell all clients of a session.
    session: Any = boto3.DEFAULT_SESSION
    session._session.set_default_client_config(PROMPT)
    made: boto3.session.Session = session
    return made


def client_of(session: boto3.session.Session, service: str, config: Config = PROMPT) -> Any:
    """A command's first client; raises CouldNotRun where the configuration is at fault."""
    if not session.region_name:
        raise CouldNotRun("no region: give --region (REGION=), or set AWS_REGION")
    make: Any = session.client
    try:
        return make(service, config=config)
    except ValueError as error:  # AWS_ENDPOINT_URL, AWS_MAX_ATTEMPTS ...
        raise CouldNotRun(f"AWS configuration: {error}") from error


class SessionClientFactory:
    """Builds clients from the workstation's own credentials, where the rule has rdklib's factory."""

    def __init__(self, session: boto3.session.Session) -> None:
        self._session = session

    def build_client(self, service: str, region: str | None = None) -> Any:
        make: Any = self._session.client
        return make(service, region_name=region)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever runs this, and where."""

    factory: ClientFactory
    account_id: str
    region: str
    partition: str
    arn: str = ""

    @classmethod
    def of(cls, session: boto3.session.Session) -> Caller:
        """Raises CouldNotRun, and botocore's errors."""
        client_of(session, "sts")  # else FIRST would hide an impossible number of tries
        sts = client_of(session, "sts", FIRST)
        identity = sts.get_caller_identity()
        partition = identity["Arn"].split(":")[1]
        factory, region = SessionClientFactory(session), sts.meta.region_name
        return cls(factory, identity["Account"], region, partition, identity["Arn"])
