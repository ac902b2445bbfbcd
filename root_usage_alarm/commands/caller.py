"""Whoever runs a command: the workstation's credentials, and the account that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
from root_usage.aws.clients import ClientFactory


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
        region = session.region_name or "us-east-1"
        sts = session.client("sts", region_name=region)
        identity = sts.get_caller_identity()
        partition = identity["Arn"].split(":")[1]
        return cls(SessionClientFactory(session), identity["Account"], region, partition, identity["Arn"])
