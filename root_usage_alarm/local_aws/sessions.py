"""boto3 sessions that read botocore's service descriptions once, not once each."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
from botocore.loaders import create_loader

_LOADER = create_loader()


def new_session(**credentials: str) -> Any:
    """A session like any other; a run over many accounts spends most of its time parsing otherwise."""
    session = botocore.session.Session()
    session.register_component("data_loader", _LOADER)
    return boto3.Session(botocore_session=session, **credentials)
